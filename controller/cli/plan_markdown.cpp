#include "cli/plan_markdown.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "cli/bounded_list.h"
#include "cli/markdown.h"
#include "client/json_text.h"
#include "client/one_line.h"

namespace hydra_clients::cli {
namespace {

using reconcile::Change;
using reconcile::ChangedClient;
using reconcile::ClientReport;
using reconcile::CycleReport;
using reconcile::MergeReport;
using reconcile::Outcome;

// Together less than kMostCommentBytes, with all that stands between them; a block whose text is nothing but
// backticks is three times as long as that.
constexpr ListBounds kRows{100, 28'000};
constexpr ListBounds kDetails{50, 20'000};
constexpr ListBounds kNotes{20, 3'000};
constexpr std::size_t kMostErrorBytes = 1'000;

// Of one client.
constexpr ListBounds kLines{30, 3'000};
constexpr std::size_t kMostIdBytes = 100;
constexpr std::size_t kMostPlaceBytes = 150;
constexpr std::size_t kMostReasonBytes = 200;
constexpr std::size_t kMostLineBytes = 500;
constexpr std::size_t kMostCommandBytes = 3'000;

/// One row of the table. Refers into the report.
struct Row {
  std::string_view word;
  const ClientReport* client;
  const ChangedClient* changed = nullptr;  ///< null in a plan that compares nothing
};

std::string brief(std::string_view text, std::size_t bytes) {
  return foreignCode(shortened(onOneLine(text), bytes));
}

std::string listOf(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + brief(name, kMostIdBytes);
  return text;
}

/// What the outcome means, in a few words.
std::string meaningOf(const ClientReport& client) {
  switch (client.outcome) {
    case Outcome::kInSync:
      return "is in Hydra as declared";
    case Outcome::kImport:
      return "will be imported";
    case Outcome::kConflict: {
      std::vector<std::string> fields;
      fields.reserve(client.differences.size());
      for (const auto& difference : client.differences) fields.emplace_back(difference.field);
      return "differs in Hydra, and is never overwritten: " + listOf(fields);
    }
    case Outcome::kInvalid:
      if (client.faults.empty()) return "is not sent";
      return brief(manifest::formatMessage(client.faults.front()), kMostReasonBytes) +
             (client.faults.size() > 1 ? " and " + std::to_string(client.faults.size() - 1) + " more" : "");
    case Outcome::kDuplicate:
      return "stands in " + std::to_string(client.places.size()) + " places: none is sent";
    default:
      return client.reason.empty() ? "is not sent" : brief(client.reason, kMostReasonBytes);
  }
}

std::string meaningOf(const ChangedClient& changed) {
  const std::string fate(changed.formerFate());
  if (changed.change == Change::kRemoved) return "the manifest of a client " + fate;
  std::string text = meaningOf(changed.client);
  if (changed.change == Change::kRenamed)
    text += "; it was " + brief(changed.formerId, kMostIdBytes) + ", " + fate;
  if (!changed.fields.empty()) text += "; changes " + listOf(changed.fields);
  if (changed.secretNotApplied) text += "; its new secret is not applied";
  return text;
}

/// The worst first: what needs a person, then what is imported, then what is as it should be.
void sortByWeight(std::vector<Row>& rows) {
  constexpr std::array<std::string_view, 11> kWeights = {"duplicate", "invalid",  "conflict",  "refused",
                                                         "waiting",   "retrying", "unmanaged", "unknown",
                                                         "import",    "absent",   "in_sync"};
  std::ranges::stable_sort(rows, {}, [&](const Row& row) { return std::ranges::find(kWeights, row.word); });
}

std::string lineOf(const Row& row) {
  const auto& places = row.client->places;
  const std::string place =
      places.empty() ? "" : brief(manifest::formatPlace(places.front()), kMostPlaceBytes);
  std::string line = "| ";
  if (row.changed != nullptr) line.append(nameOf(row.changed->change)).append(" | ");
  line.append(row.word).append(" | ").append(brief(row.client->id, kMostIdBytes));
  const std::string what = row.changed != nullptr ? meaningOf(*row.changed) : meaningOf(*row.client);
  return line.append(" | ").append(place).append(" | ").append(what).append(" |\n");
}

std::string andMore(const BoundedList& list) {
  return list.leftOut() == 0 ? "" : "and " + std::to_string(list.leftOut()) + " more\n";
}

std::string tableOf(const std::vector<Row>& rows) {
  if (rows.empty()) return "";
  BoundedList lines(kRows);
  for (const Row& row : rows) lines.add([&] { return lineOf(row); });
  const std::string head = rows.front().changed != nullptr
                               ? "| change | outcome | client_id | manifest | what |\n|---|---|---|---|---|\n"
                               : "| outcome | client_id | manifest | what |\n|---|---|---|---|\n";
  return "\n" + head + lines.text() + (lines.leftOut() == 0 ? "" : "\n" + andMore(lines));
}

std::string cutLine(std::string_view text) { return shortened(onOneLine(text), kMostLineBytes) + "\n"; }

/// Whether the row does not say it all.
bool hasDetails(const ClientReport& client) {
  return client.places.size() > 1 || !client.differences.empty() || !client.faults.empty() ||
         client.reason.size() > kMostReasonBytes || !client.hint.empty() || !client.command.empty();
}

/// What is wrong with a client, line by line.
std::string linesOf(const ClientReport& client) {
  BoundedList lines(kLines);
  if (client.places.size() > 1) {
    for (const auto& place : client.places) lines.add([&] { return cutLine(manifest::formatPlace(place)); });
  }
  for (const auto& difference : client.differences) lines.add([&] { return cutLine(inWords(difference)); });
  for (const auto& fault : client.faults) {
    lines.add(
        [&] { return cutLine(manifest::formatPlace(fault.where) + ": " + manifest::formatMessage(fault)); });
  }
  const bool faultsSayIt = client.outcome == Outcome::kInvalid;
  if (!client.reason.empty() && !faultsSayIt) lines.add([&] { return cutLine(client.reason); });
  if (!client.hint.empty()) lines.add([&] { return cutLine(client.hint); });
  return lines.text() + andMore(lines);
}

std::string commandOf(const ClientReport& client) {
  if (client.command.empty()) return "";
  if (client.command.size() > kMostCommandBytes)
    return "\nThe command is too long to be shown here: `hydra-clients plan` prints it.\n";
  return "\n" + foreignBlock(client.command, "sh");
}

std::string folded(const std::string& summary, const std::string& body) {
  return "\n<details><summary>" + summary + "</summary>\n\n" + body + "\n</details>\n";
}

std::string detailsOf(const Row& row) {
  const std::string id = foreignHtmlCode(shortened(onOneLine(row.client->id), kMostIdBytes));
  const std::string lines = linesOf(*row.client);
  return folded(std::string(row.word) + ": " + id,
                (lines.empty() ? "" : foreignBlock(lines, "text")) + commandOf(*row.client));
}

std::string detailsOf(const std::vector<Row>& rows) {
  BoundedList details(kDetails);
  for (const Row& row : rows) {
    if (hasDetails(*row.client)) details.add([&] { return detailsOf(row); });
  }
  if (details.leftOut() == 0) return details.text();
  return details.text() + "\nThe details of " + std::to_string(details.leftOut()) +
         " more are left out: `hydra-clients plan` prints them.\n";
}

/// What there is to say beside the clients.
std::string notesOf(const CycleReport& report) {
  const std::size_t count =
      report.warnings.size() + report.notices.size() + (report.listError.empty() ? 0 : 1);
  if (count == 0) return "";
  BoundedList notes(kNotes);
  for (const std::string& notice : report.notices) notes.add([&] { return cutLine(notice); });
  if (!report.listError.empty()) notes.add([&] { return cutLine(report.listError); });
  for (const auto& warning : report.warnings) notes.add([&] { return cutLine(manifest::format(warning)); });
  return folded("notes: " + std::to_string(count), foreignBlock(notes.text() + andMore(notes), "text"));
}

std::string headed(const std::string& verdict) { return "### hydra-clients plan: " + verdict + "\n"; }

std::string errorOf(const CycleReport& report) {
  if (report.error.empty()) return "";
  return "\n" + foreignBlock(shortened(onOneLine(report.error), kMostErrorBytes), "text");
}

std::string commitOf(const manifest::Revision& revision) {
  return revision.id.empty() ? "" : ", commit " + revision.shortId();
}

}  // namespace

std::string planMarkdown(const CycleReport& report) {
  if (!report.clientsKnown) return headed("failed") + errorOf(report) + notesOf(report);
  std::vector<Row> rows;
  rows.reserve(report.clients.size());
  for (const ClientReport& client : report.clients) {
    if (client.outcome != Outcome::kInSync) rows.push_back({nameOf(client.outcome), &client});
  }
  sortByWeight(rows);
  return headed(rows.empty() && report.error.empty() ? "everything is in sync" : report.summary()) + "\n" +
         brief(report.hydra, kMostIdBytes) + commitOf(report.revision) + ".\n" + errorOf(report) +
         tableOf(rows) + detailsOf(rows) + notesOf(report);
}

std::string mergeMarkdown(const MergeReport& report) {
  const CycleReport& cycle = report.cycle;
  if (!report.known()) return headed("failed") + errorOf(cycle) + notesOf(cycle);
  std::vector<Row> rows;
  rows.reserve(report.clients.size());
  for (const ChangedClient& changed : report.clients)
    rows.push_back({changed.word(), &changed.client, &changed});
  sortByWeight(rows);
  const auto named = [](const std::string& name) { return brief(name, kMostIdBytes); };
  return headed(report.leavesNothingToDo() ? "nothing to do" : report.summary()) + "\nCompares " +
         report.sides(named) + ". " + report.others() +
         (report.unchangedNotInSync > 0 ? " (`plan` without `--against` names them). " : ". ") +
         brief(cycle.hydra, kMostIdBytes) + ".\n" + tableOf(rows) + detailsOf(rows) + notesOf(cycle);
}

}  // namespace hydra_clients::cli

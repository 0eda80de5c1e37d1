#include "reconcile/report.h"

#include <algorithm>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "client/one_line.h"

namespace hydra_clients::reconcile {
namespace {

/// A plan says what would be done, a cycle what was.
bool wasImported(const ClientReport& client) { return client.outcome == Outcome::kImport && client.tried; }

constexpr std::string_view kIndent = "\n           ";

std::string textOf(const SecretReport& secret) {
  return fmt::format("{:<9}  {}  sealed in {}{}\n", "secret", onOneLine(secret.id),
                     onOneLine(secret.confirmed.file),
                     secret.confirmed.again ? ": a new one, give it to the application" : "");
}

}  // namespace

std::string_view nameOf(CycleResult result) {
  constexpr std::array<std::string_view, 3> kNames = {"success", "degraded", "failed"};
  return kNames[static_cast<std::size_t>(result)];
}

CycleResult resultOf(const CycleReport& report) {
  if (!report.clientsKnown || report.nobodyServed) return CycleResult::kFailed;
  const bool all = std::ranges::all_of(report.clients, [](const ClientReport& client) {
    return client.outcome == Outcome::kInSync || client.outcome == Outcome::kImport;
  });
  return all && report.error.empty() ? CycleResult::kSuccess : CycleResult::kDegraded;
}

std::uint64_t CycleReport::count(Outcome outcome) const {
  if (outcome == Outcome::kUnmanaged) return unmanaged.value_or(0);
  const auto listed =
      static_cast<std::uint64_t>(std::ranges::count(clients, outcome, &ClientReport::outcome));
  return outcome == Outcome::kInSync ? listed + inSync.count() : listed;
}

void CycleReport::recall(const CycleReport& earlier) {
  if (clientsKnown || !(earlier.clientsKnown || earlier.clientsFrom)) return;
  inSync = earlier.inSync;
  clients = earlier.clients;
  unmanaged = earlier.unmanaged;
  clientsFrom = earlier.clientsFrom ? earlier.clientsFrom : earlier.finished;
}

std::string CycleReport::summary() const {
  std::string text;
  for (const Outcome outcome : kAllOutcomes) {
    const std::uint64_t number = count(outcome);
    if (number == 0) continue;
    if (!text.empty()) text += ", ";
    const bool done = outcome == Outcome::kImport && std::ranges::any_of(clients, wasImported);
    text += std::to_string(number) + ' ' + std::string(done ? "imported" : nameOf(outcome));
  }
  return text.empty() ? "no clients" : text;
}

std::string toText(const ClientReport& client, std::string_view word, const std::string& note) {
  std::string text = fmt::format("{:<9}  {}", word, client.id.empty() ? "-" : onOneLine(client.id));
  const auto below = [&](const std::string& line) {
    if (!line.empty()) text.append(kIndent).append(line);
  };
  for (std::size_t i = 0; i < client.places.size(); ++i) {
    text += (i == 0 ? "  " : ", ") + manifest::formatPlace(client.places[i]);
  }
  below(onOneLine(note));
  for (const Difference& difference : client.differences) below(onOneLine(inWords(difference)));
  if (client.outcome != Outcome::kInvalid) below(onOneLine(client.reason));
  for (const manifest::Fault& fault : client.faults) {
    below(manifest::formatPlace(fault.where) + ": " + manifest::formatMessage(fault));
  }
  below(client.hint + (client.hint.empty() || client.command.empty() ? "" : ":"));
  below(client.command);
  return text + "\n";
}

std::string toText(const CycleReport& report) {
  std::string text;
  for (const ClientReport& client : report.clients) {
    if (client.outcome == Outcome::kInSync) continue;
    text += toText(client, wasImported(client) ? "imported" : nameOf(client.outcome), "");
  }
  for (const SecretReport& secret : report.secrets) text += textOf(secret);
  const std::string& commit = report.revision.id;
  if (report.clientsKnown)
    text += report.summary() + (commit.empty() ? "" : ", by commit " + report.revision.shortId()) + "\n";
  return text;
}

}  // namespace hydra_clients::reconcile

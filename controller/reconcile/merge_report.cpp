#include "reconcile/merge_report.h"

#include <algorithm>
#include <map>

#include "client/one_line.h"
#include "client/rfc3339.h"
#include "reconcile/report_json.h"

namespace hydra_clients::reconcile {
namespace {

using json::Value;

std::string listOf(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Value truthOrNull(const std::optional<bool>& truth) { return truth ? Value::truth(*truth) : Value{}; }

Value comparisonOf(const manifest::Comparison& comparison) {
  if (comparison.against.empty()) return {};  // it came to nothing before that
  return Value::object()
      .add("changed", Value::string(comparison.changed))
      .add("against", Value::string(comparison.against))
      .add("against_revision", Value::string(comparison.tip.id))
      .add("base_revision", Value::string(comparison.base.id))
      .add("note", comparison.note.empty() ? Value{} : Value::string(comparison.note));
}

Value changeOf(const ChangedClient& changed) {
  Value object = toJson(changed.client);
  object.add("change", Value::string(std::string(nameOf(changed.change))));
  if (changed.change == Change::kRemoved) {
    const bool stays = changed.formerInHydra == true;
    std::ranges::find(object.members, "outcome", &json::Member::name)->value =
        stays ? Value::string(std::string(nameOf(Outcome::kUnmanaged))) : Value{};
    object.add("in_hydra", truthOrNull(changed.formerInHydra));
  }
  if (changed.change == Change::kRenamed) {
    object.add("former_id", Value::string(changed.formerId));
    object.add("former_in_hydra", truthOrNull(changed.formerInHydra));
  }
  if (changed.change == Change::kChanged) {
    Value fields = Value::array();
    for (const std::string& field : changed.fields) fields.append(Value::string(field));
    object.add("changed_fields", std::move(fields));
    object.add("secret_not_applied", Value::truth(changed.secretNotApplied));
  }
  return object;
}

}  // namespace

std::string_view ChangedClient::word() const {
  if (change != Change::kRemoved) return nameOf(client.outcome);
  if (!formerInHydra) return "unknown";
  return *formerInHydra ? nameOf(Outcome::kUnmanaged) : "absent";
}

std::string_view ChangedClient::formerFate() const {
  if (!formerInHydra) return "of which is not known whether it is in Hydra";
  return *formerInHydra ? "which stays in Hydra, unmanaged, until a person deletes it"
                        : "which is not in Hydra";
}

std::string ChangedClient::changeInWords() const {
  switch (change) {
    case Change::kAdded:
      return "added";
    case Change::kChanged:
      return "changed" + (fields.empty() ? "" : ": " + listOf(fields));
    case Change::kRenamed:
      return "renamed from " + formerId + ", " + std::string(formerFate());
    case Change::kRepaired:
      return "valid now, and was not before";
    case Change::kRemoved:
      return "removed: the manifest of a client " + std::string(formerFate());
  }
  return "";
}

bool ChangedClient::leavesNothingToDo() const {
  const bool nobodyLeft = formerInHydra == false;
  if (change == Change::kRemoved) return nobodyLeft;
  return client.outcome == Outcome::kInSync && !secretNotApplied &&
         (change != Change::kRenamed || nobodyLeft);
}

bool MergeReport::leavesNothingToDo() const {
  return known() && std::ranges::all_of(clients, &ChangedClient::leavesNothingToDo);
}

std::string MergeReport::summary() const {
  std::map<std::string_view, std::size_t> counts;
  for (const ChangedClient& client : clients) ++counts[client.word()];
  std::string text;
  const auto say = [&](std::string_view word) {
    const auto found = counts.find(word);
    if (found == counts.end()) return;
    text += (text.empty() ? "" : ", ") + std::to_string(found->second) + ' ' + std::string(word);
  };
  for (const Outcome outcome : kAllOutcomes) say(nameOf(outcome));
  say("absent");
  say("unknown");
  return text.empty() ? "nothing changes" : text;
}

std::string MergeReport::others() const {
  std::string text = std::to_string(unchanged) + (unchanged == 1 ? " client" : " clients") + " unchanged";
  if (unchanged == 0) return text;
  if (unchangedNotInSync == 0) return text + ", in sync";
  return text + ", " + std::to_string(unchangedNotInSync) + " of them not in sync";
}

std::string MergeReport::sides(const std::function<std::string(const std::string&)>& named) const {
  std::string text = named(comparison.changed);
  if (!cycle.revision.id.empty()) text += ' ' + cycle.revision.shortId();
  const std::string against = named(comparison.against);
  if (comparison.base == comparison.tip) {
    text += " with " + against + ' ' + comparison.tip.shortId();
  } else {
    text += " with " + comparison.base.shortId() + ", where it parted from " + against;
  }
  if (comparison.note.empty()) return text;
  return text + " as it is now, so that what it has gained since looks removed: " + comparison.note;
}

json::Value toJson(const MergeReport& report) {
  Value document = headOf(report.cycle, "plan");
  document.add("comparison", comparisonOf(report.comparison));
  Value changes = Value::array();
  for (const ChangedClient& changed : report.clients) changes.append(changeOf(changed));
  document.add("changes", std::move(changes));
  const auto countOf = [&](std::uint64_t count) {
    return report.cycle.clientsKnown ? Value::number(static_cast<std::int64_t>(count)) : Value{};
  };
  document.add("unchanged", countOf(report.unchanged));
  document.add("unchanged_not_in_sync", countOf(report.unchangedNotInSync));
  document.add("warnings", toJson(report.cycle.warnings));
  return document;
}

std::string toText(const MergeReport& report) {
  if (!report.cycle.clientsKnown) return "";
  const auto named = [](const std::string& name) { return onOneLine(name); };
  std::string text = "comparing " + report.sides(named) + "\n";
  for (const ChangedClient& changed : report.clients)
    text += toText(changed.client, changed.word(), changed.changeInWords());
  return text + report.summary() + "\n" + report.others() +
         (report.unchangedNotInSync > 0 ? " (plan without --against names them)\n" : "\n");
}

}  // namespace hydra_clients::reconcile

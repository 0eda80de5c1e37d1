#include "reconcile/report_json.h"

#include <cmath>
#include <utility>

#include "client/rfc3339.h"

namespace hydra_clients::reconcile {
namespace {

using json::Value;

template <typename Text>
Value stringsOf(const std::vector<Text>& texts) {
  Value array = Value::array();
  for (const Text& text : texts) array.append(Value::string(std::string(text)));
  return array;
}

Value placeOf(const manifest::Location& place) {
  Value object = Value::object();
  object.add("path", Value::string(place.path));
  if (place.line > 0) {
    object.add("line", Value::number(static_cast<std::int64_t>(place.line)));
    object.add("column", Value::number(static_cast<std::int64_t>(place.column)));
  }
  if (!place.pointer.empty()) object.add("pointer", Value::string(place.pointer));
  return object;
}

/// The names, and beside them the values of those that may be shown.
void addDifferences(Value& object, const std::vector<Difference>& differences) {
  Value names = Value::array();
  Value values = Value::array();
  for (const Difference& difference : differences) {
    names.append(Value::string(std::string(difference.field)));
    Value entry = Value::object().add("field", Value::string(std::string(difference.field)));
    if (!difference.manifest.empty()) {
      entry.add("manifest", Value::string(difference.manifest)).add("hydra", Value::string(difference.hydra));
    }
    if (!difference.within.empty()) entry.add("within", stringsOf(difference.within));
    values.append(std::move(entry));
  }
  object.add("fields", std::move(names)).add("differences", std::move(values));
}

/// Whether Hydra is not asked to know it.
bool isFaulty(Outcome outcome) { return outcome == Outcome::kInvalid || outcome == Outcome::kDuplicate; }

Value summaryOf(const CycleReport& report) {
  Value object = Value::object();
  for (const Outcome outcome : kAllOutcomes) {
    const bool planned = report.clientsKnown || report.clientsFrom;
    const bool judged = planned || (report.faultyKnown && isFaulty(outcome));
    const bool known = outcome == Outcome::kUnmanaged ? report.unmanaged.has_value() : judged;
    object.add(std::string(nameOf(outcome)),
               known ? Value::number(static_cast<std::int64_t>(report.count(outcome))) : Value{});
  }
  return object;
}

Value textOrNull(const std::string& text) { return text.empty() ? Value{} : Value::string(text); }

Value timeOrNull(const std::optional<std::chrono::system_clock::time_point>& time) {
  return time ? Value::string(rfc3339(*time)) : Value{};
}

Value timeOrNull(const manifest::Revision& revision) {
  if (revision.time == 0) return {};
  return Value::string(rfc3339(std::chrono::system_clock::time_point(std::chrono::seconds(revision.time))));
}

bool isProblem(const ClientReport& client) {
  return client.outcome != Outcome::kInSync && client.outcome != Outcome::kImport;
}

Value secretsOf(const std::vector<SecretReport>& secrets) {
  Value array = Value::array();
  for (const SecretReport& secret : secrets) {
    array.append(Value::object()
                     .add("client_id", Value::string(secret.id))
                     .add("file", Value::string(secret.confirmed.file))
                     .add("again", Value::truth(secret.confirmed.again)));
  }
  return array;
}

}  // namespace

json::Value toJson(const std::vector<manifest::Fault>& faults) {
  Value array = Value::array();
  for (const manifest::Fault& fault : faults) array.append(manifest::toJson(fault));
  return array;
}

json::Value toJson(const ClientReport& client) {
  Value object = Value::object();
  object.add("client_id", client.id.empty() ? Value{} : Value::string(client.id));
  object.add("outcome", Value::string(std::string(nameOf(client.outcome))));
  Value places = Value::array();
  for (const manifest::Location& place : client.places) places.append(placeOf(place));
  object.add("places", std::move(places));
  if (!client.differences.empty()) addDifferences(object, client.differences);
  if (!client.unknown.empty()) object.add("unknown_fields", stringsOf(client.unknown));
  if (!client.reason.empty()) object.add("reason", Value::string(client.reason));
  if (!client.faults.empty()) object.add("faults", toJson(client.faults));
  if (!client.hint.empty()) object.add("hint", Value::string(client.hint));
  if (!client.command.empty()) object.add("command", Value::string(client.command));
  if (client.nextTry) object.add("next_try", timeOrNull(client.nextTry));
  return object;
}

json::Value headOf(const CycleReport& report, std::string_view command) {
  Value document = Value::object();
  document.add("version", Value::number(1));
  document.add("command", Value::string(std::string(command)));
  document.add("result", Value::string(std::string(nameOf(report.result))));
  document.add("error", textOrNull(report.error));
  document.add("list_error", textOrNull(report.listError));
  document.add("source", Value::string(report.source));
  document.add("revision", textOrNull(report.revision.id));
  document.add("revision_time", timeOrNull(report.revision));
  document.add("commit_refused", Value::truth(report.commitRefused));
  document.add("notices", stringsOf(report.notices));
  document.add("endpoint", Value::string(report.endpoint));
  document.add("hydra", textOrNull(report.hydra));
  document.add("cycle", report.cycle > 0 ? Value::number(static_cast<std::int64_t>(report.cycle)) : Value{});
  document.add("next_cycle", timeOrNull(report.nextCycle));
  document.add("finished_at", Value::string(rfc3339(report.finished)));
  document.add("duration_ms", Value::number(std::llround(report.seconds * 1000)));
  document.add("clients_from", timeOrNull(report.clientsFrom));
  document.add("summary", summaryOf(report));
  document.add("secrets", secretsOf(report.secrets));
  document.add("outbox_pending", report.outboxPending
                                     ? Value::number(static_cast<std::int64_t>(*report.outboxPending))
                                     : Value{});
  document.add("outbox_error", textOrNull(report.outboxError));
  return document;
}

json::Value toJson(const CycleReport& report, std::string_view command) {
  Value document = headOf(report, command);
  Value clients = Value::array();
  report.forEachClient([&](const ClientReport& client) { clients.append(toJson(client)); });
  document.add("clients", std::move(clients));
  document.add("warnings", toJson(report.warnings));
  return document;
}

std::string toJsonText(const CycleReport& report, std::string_view command, Named named) {
  std::string text = json::write(headOf(report, command));
  text.back() = ',';  // in place of the closing brace
  text += R"("clients":)";
  char before = '[';
  const auto add = [&](const ClientReport& client) {
    text += std::exchange(before, ',') + json::write(toJson(client));
  };
  if (named == Named::kAll) {
    report.forEachClient(add);
  } else {
    for (const ClientReport& client : report.clients) {
      if (isProblem(client)) add(client);
    }
  }
  text += before == '[' ? "[]" : "]";
  return text + R"(,"warnings":)" + json::write(toJson(report.warnings)) + "}";
}

}  // namespace hydra_clients::reconcile

#include "reconcile/report.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "client/one_line.h"
#include "client/rfc3339.h"

namespace hydra_clients::reconcile {
namespace {

using json::Value;

Value stringsOf(const std::vector<std::string_view>& texts) {
  Value array = Value::array();
  for (const std::string_view text : texts) array.append(Value::string(std::string(text)));
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
    values.append(std::move(entry));
  }
  object.add("fields", std::move(names)).add("differences", std::move(values));
}

Value faultsOf(const std::vector<manifest::Fault>& faults) {
  Value array = Value::array();
  for (const manifest::Fault& fault : faults) array.append(manifest::toJson(fault));
  return array;
}

Value clientOf(const ClientReport& client) {
  Value object = Value::object();
  object.add("client_id", client.id.empty() ? Value{} : Value::string(client.id));
  object.add("outcome", Value::string(std::string(nameOf(client.outcome))));
  Value places = Value::array();
  for (const manifest::Location& place : client.places) places.append(placeOf(place));
  object.add("places", std::move(places));
  if (!client.differences.empty()) addDifferences(object, client.differences);
  if (!client.unknown.empty()) object.add("unknown_fields", stringsOf(client.unknown));
  if (!client.reason.empty()) object.add("reason", Value::string(client.reason));
  if (!client.faults.empty()) object.add("faults", faultsOf(client.faults));
  if (!client.hint.empty()) object.add("hint", Value::string(client.hint));
  if (!client.command.empty()) object.add("command", Value::string(client.command));
  return object;
}

Value summaryOf(const CycleReport& report) {
  Value object = Value::object();
  for (const Outcome outcome : kAllOutcomes) {
    const bool planned = report.clientsKnown || report.clientsFrom;
    const bool known = outcome == Outcome::kUnmanaged ? report.unmanaged.has_value() : planned;
    object.add(std::string(nameOf(outcome)),
               known ? Value::number(static_cast<std::int64_t>(report.count(outcome))) : Value{});
  }
  return object;
}

Value textOrNull(const std::string& text) { return text.empty() ? Value{} : Value::string(text); }

/// A plan says what would be done, a cycle what was.
bool wasImported(const ClientReport& client) { return client.outcome == Outcome::kImport && client.tried; }

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

/// All but the clients and the warnings.
Value headOf(const CycleReport& report, std::string_view command) {
  Value document = Value::object();
  document.add("version", Value::number(1));
  document.add("command", Value::string(std::string(command)));
  document.add("result", Value::string(std::string(nameOf(report.result))));
  document.add("error", textOrNull(report.error));
  document.add("list_error", textOrNull(report.listError));
  document.add("source", Value::string(report.source));
  document.add("revision", textOrNull(report.revision.id));
  document.add("endpoint", Value::string(report.endpoint));
  document.add("hydra", textOrNull(report.hydra));
  document.add("finished_at", Value::string(rfc3339(report.finished)));
  document.add("duration_ms", Value::number(std::llround(report.seconds * 1000)));
  document.add("clients_from", report.clientsFrom ? Value::string(rfc3339(*report.clientsFrom)) : Value{});
  document.add("summary", summaryOf(report));
  document.add("secrets", secretsOf(report.secrets));
  document.add("outbox_pending", report.outboxPending
                                     ? Value::number(static_cast<std::int64_t>(*report.outboxPending))
                                     : Value{});
  document.add("outbox_error", textOrNull(report.outboxError));
  return document;
}

/// Every declared client, in the order of their ids.
template <typename Visit>
void forEachClient(const CycleReport& report, const Visit& visit) {
  auto next = report.clients.begin();
  report.inSync.forEach([&](const manifest::ManifestPtr& manifest) {
    for (; next != report.clients.end() && next->id < manifest->id; ++next) visit(*next);
    ClientReport client;
    client.id = manifest->id;
    client.places = {manifest->from};
    visit(client);
  });
  for (; next != report.clients.end(); ++next) visit(*next);
}

constexpr std::string_view kIndent = "\n           ";

/// The outcome, the client and its places; below, what is wrong, and what a person can do.
std::string textOf(const ClientReport& client) {
  std::string text = fmt::format("{:<9}  {}", wasImported(client) ? "imported" : nameOf(client.outcome),
                                 client.id.empty() ? "-" : onOneLine(client.id));
  const auto below = [&](const std::string& line) {
    if (!line.empty()) text.append(kIndent).append(line);
  };
  for (std::size_t i = 0; i < client.places.size(); ++i) {
    text += (i == 0 ? "  " : ", ") + manifest::formatPlace(client.places[i]);
  }
  for (const Difference& difference : client.differences) below(onOneLine(inWords(difference)));
  if (client.outcome != Outcome::kInvalid) below(onOneLine(client.reason));
  for (const manifest::Fault& fault : client.faults) {
    below(manifest::formatPlace(fault.where) + ": " + manifest::formatMessage(fault));
  }
  below(client.hint + (client.command.empty() ? "" : ":"));
  below(client.command);
  return text + "\n";
}

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

json::Value toJson(const CycleReport& report, std::string_view command) {
  Value document = headOf(report, command);
  Value clients = Value::array();
  forEachClient(report, [&](const ClientReport& client) { clients.append(clientOf(client)); });
  document.add("clients", std::move(clients));
  document.add("warnings", faultsOf(report.warnings));
  return document;
}

std::string toJsonText(const CycleReport& report, std::string_view command) {
  std::string text = json::write(headOf(report, command));
  text.back() = ',';  // in place of the closing brace
  text += R"("clients":)";
  char before = '[';
  forEachClient(report, [&](const ClientReport& client) {
    text += std::exchange(before, ',') + json::write(clientOf(client));
  });
  text += before == '[' ? "[]" : "]";
  return text + R"(,"warnings":)" + json::write(faultsOf(report.warnings)) + "}";
}

std::string toText(const CycleReport& report) {
  std::string text;
  for (const ClientReport& client : report.clients) {
    if (client.outcome != Outcome::kInSync) text += textOf(client);
  }
  for (const SecretReport& secret : report.secrets) text += textOf(secret);
  if (report.clientsKnown) text += report.summary() + "\n";
  return text;
}

}  // namespace hydra_clients::reconcile

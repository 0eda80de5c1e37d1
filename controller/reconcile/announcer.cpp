#include "reconcile/announcer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "telemetry/log.h"

namespace hydra_clients::reconcile {
namespace {

using telemetry::logInfo;
using telemetry::LogLevel;
using telemetry::logWarning;

constexpr std::int64_t kMostLostNamed = 5;  ///< in the one line about all of them; each has its own beside

std::string placeText(const manifest::Location& place) {
  if (place.line == 0) return place.path.text();  // of the whole file
  return place.path + ":" + std::to_string(place.line);
}

std::string placesText(const ClientReport& client) {
  std::string text;
  for (const manifest::Location& place : client.places) {
    if (!text.empty()) text += " ";
    text += placeText(place);
  }
  return text;
}

std::string fieldsText(const std::vector<Difference>& differences) {
  std::string text;
  for (const Difference& difference : differences) {
    if (!text.empty()) text += ',';
    text += difference.field;
  }
  return text;
}

std::string detailsOf(const ClientReport& client) {
  std::string text = client.reason;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
  };
  for (const Difference& difference : client.differences) add(inWords(difference));
  return text;
}

bool isInHydra(Outcome outcome) {
  return outcome == Outcome::kInSync || outcome == Outcome::kImport || outcome == Outcome::kConflict;
}

/// Whether such a client, if it had been in Hydra, was found to be there no more.
bool isGone(Outcome outcome) {
  return outcome == Outcome::kImport || outcome == Outcome::kWaiting || outcome == Outcome::kRefused;
}

/// `again`: the client had been in Hydra.
std::string_view sentenceOf(const ClientReport& client, bool again) {
  switch (client.outcome) {
    case Outcome::kDuplicate:
      return "client declared more than once, none is sent";
    case Outcome::kInvalid:
      return "manifest is invalid, not sent";
    case Outcome::kInSync:
      return "client is in sync";
    case Outcome::kConflict:
      return "client differs from its manifest, never overwritten";
    case Outcome::kWaiting:
      return again ? "client had been in Hydra and is gone: it waits for its secret, not sent"
                   : "client waits for its secret, not sent";
    case Outcome::kRefused:
      return again ? "Hydra refused the client, which had been in it and is gone"
                   : "Hydra refused the client";
    case Outcome::kRetrying:
      return "client not imported for the moment, will be tried again";
    case Outcome::kImport:
      return again ? "client imported again: it had been in Hydra and was gone" : "client imported";
    case Outcome::kUnmanaged:
      return "client has no manifest";
  }
  return "";
}

std::string_view sentenceOfError(const CycleReport& report) {
  if (report.result == CycleResult::kFailed) {
    return report.retryAfter > std::chrono::milliseconds(0)
               ? "cycle failed, tried again after the time that Hydra asks for"
               : "cycle failed, tried again every second";
  }
  return report.commitRefused ? "newest commit refused, the last good one stays in force" : "cycle hindered";
}

/// The label of imports_total: one of an import that was tried.
std::string_view importResultOf(Outcome outcome) {
  return outcome == Outcome::kImport ? "imported" : nameOf(outcome);
}

}  // namespace

void Announcer::announce(const CycleReport& report, const manifest::ManifestSetPtr& desired) {
  bool news = source_.announce(report, desired, [this](const ClientId& id) { said_.erase(id); });
  news = announceError(report) || news;
  news = announceListError(report) || news;
  announceSecrets(report);  // before it is forgotten which clients had been there
  if (report.clientsKnown) news = announceClients(report) || news;
  count(report);
  const LogLevel level = news ? LogLevel::kInfo : LogLevel::kDebug;
  telemetry::log(level, "cycle finished",
                 {{"result", std::string(nameOf(report.result))},
                  {"clients", report.clientsKnown ? report.summary() : std::string("unknown")},
                  {"revision", report.revision.id},
                  {"duration_seconds", report.seconds}});
}

bool Announcer::announceError(const CycleReport& report) {
  // A Hydra that is away closes a connection, then refuses the next: one outage, however it shows.
  if (report.error == error_ || (report.hydraAway && hydraAway_)) return false;
  hydraAway_ = report.hydraAway;
  if (report.error.empty()) {
    logInfo("recovered", {{"after", error_}});
  } else if (report.sourceAwaited) {
    logWarning("waiting for the manifests: looked for every second, and at once when something comes there",
               {{"error", report.error}});
  } else {
    telemetry::logError(sentenceOfError(report),
                        {{"result", std::string(nameOf(report.result))}, {"error", report.error}});
  }
  error_ = report.error;
  return true;
}

bool Announcer::announceListError(const CycleReport& report) {
  if (!report.clientsKnown || report.listError == listError_) return false;
  if (report.listError.empty()) {
    logInfo("the list of clients can be used again");
  } else {
    logWarning(
        "the list of clients is of no use: declared clients are asked for one by one, others are not "
        "counted",
        {{"error", report.listError}});
  }
  listError_ = report.listError;
  return true;
}

bool Announcer::announceClients(const CycleReport& report) {
  bool news = announceLost(report);
  std::unordered_map<std::string, Said> said;
  for (const ClientReport& client : report.clients) {
    const std::string key = client.id.empty() ? placesText(client) : client.id;
    Said now{client.outcome, detailsOf(client), wasPresent(key)};
    const auto before = said_.find(key);
    const bool expected = client.outcome == Outcome::kInSync &&
                          (before == said_.end() || before->second.outcome == Outcome::kImport);
    // Where nobody can be served, that is said once, and of those that were sent.
    const bool unsent = report.nobodyServed && client.outcome == Outcome::kRetrying && !client.tried;
    const bool quiet = expected || unsent;
    const bool again = client.outcome == Outcome::kImport && now.wasPresent;
    if (again || (!quiet && (before == said_.end() || !before->second.saysAsMuchAs(now)))) {
      announceClient(client, report, now.wasPresent);
      news = true;
    }
    now.wasPresent = now.wasPresent || isInHydra(client.outcome);
    said.emplace(key, std::move(now));
  }
  std::swap(said_, said);
  inSync_ = report.inSync;
  return announceHealed(report, said) || news;
}

void Announcer::announceSecrets(const CycleReport& report) {
  for (const SecretReport& secret : report.secrets) {
    const auto client = std::ranges::lower_bound(report.clients, secret.id, {}, &ClientReport::id);
    const bool imported =
        client != report.clients.end() && client->id == secret.id && client->outcome == Outcome::kImport;
    // The older file may have been taken away, to its client's owner.
    if (secret.confirmed.again || (imported && wasPresent(secret.id))) {
      logWarning("client has a new secret, not that of its earlier import: its application needs it",
                 {{"client_id", secret.id}, {"secret_file", secret.confirmed.file}});
    } else {
      logInfo("generated secret is in force, sealed in the outbox",
              {{"client_id", secret.id}, {"secret_file", secret.confirmed.file}});
    }
  }
  for (const std::string& warning : report.outboxWarnings)
    logWarning("the outbox was opened", {{"warning", warning}});
  const bool untold = !report.clientsKnown && report.outboxError.empty();  // whether secrets can be confirmed
  if (untold || report.outboxError == outboxError_) return;
  if (report.outboxError.empty()) {
    logInfo("the outbox can be used again");
  } else {
    const bool usable = report.outboxPending.has_value();
    telemetry::logError(
        usable ? "a secret in the outbox could not be confirmed, tried again in each cycle"
               : "the outbox cannot be used: no client that needs a generated secret is imported",
        {{"error", report.outboxError}});
  }
  outboxError_ = report.outboxError;
}

bool Announcer::announceHealed(const CycleReport& report,
                               const std::unordered_map<std::string, Said>& before) {
  bool news = false;
  for (const auto& [key, said] : before) {
    const bool hadTrouble = said.outcome != Outcome::kImport && said.outcome != Outcome::kInSync;
    if (!hadTrouble || said_.contains(key)) continue;
    const manifest::ManifestPtr manifest = report.inSync.find(key);
    if (!manifest) continue;
    ClientReport client;
    client.id = manifest->id;
    client.places = {manifest->from};
    announceClient(client, report, /*wasPresent=*/true);
    news = true;
  }
  return news;
}

bool Announcer::announceLost(const CycleReport& report) {
  std::int64_t back = 0;
  std::int64_t notBack = 0;
  std::string first;
  for (const ClientReport& client : report.clients) {
    if (!isGone(client.outcome) || !wasPresent(client.id)) continue;
    if (back + notBack < kMostLostNamed) first += (first.empty() ? "" : " ") + client.id;
    if (client.outcome == Outcome::kImport) {
      ++back;
      metrics_.reimported();
    } else {
      ++notBack;
    }
  }
  if (back == 0) return false;
  if (back + notBack > kMostLostNamed) first += " …";
  logWarning("clients that were in Hydra before are gone from it: imported again",
             {{"gone", back + notBack},
              {"of", knownPresent()},
              {"not_back", notBack},
              {"client_ids", first},
              {"revision", report.revision.id}});
  return true;
}

std::int64_t Announcer::knownPresent() const {
  const auto others = std::ranges::count_if(said_, [](const auto& entry) { return entry.second.wasPresent; });
  return static_cast<std::int64_t>(inSync_.count()) + others;
}

bool Announcer::wasPresent(const std::string& key) const {
  const auto said = said_.find(key);
  return said != said_.end() ? said->second.wasPresent : inSync_.has(key);
}

void Announcer::announceClient(const ClientReport& client, const CycleReport& report, bool wasPresent) {
  const bool good = client.outcome == Outcome::kInSync || client.outcome == Outcome::kImport;
  std::string details = detailsOf(client);
  if (!client.hint.empty()) details += (details.empty() ? "" : "; ") + client.hint;
  telemetry::log(good ? LogLevel::kInfo : LogLevel::kWarning, sentenceOf(client, wasPresent),
                 {{"client_id", client.id},
                  {"outcome", std::string(nameOf(client.outcome))},
                  {"fields", fieldsText(client.differences)},
                  {"details", details},
                  {"manifest", placesText(client)},
                  {"command", client.command},
                  {"revision", report.revision.id}});
}

void Announcer::count(const CycleReport& report) {
  metrics_.cycleFinished(nameOf(report.result), report.seconds);
  metrics_.setInSync(report.result == CycleResult::kSuccess);
  metrics_.setRevision(report.revision.id);
  metrics_.setSourceCommitTime(static_cast<double>(report.revision.time));
  if (report.sourceUnread) metrics_.sourceReadFailed();
  metrics_.setCommitRefused(report.commitRefused);
  if (!report.clientsKnown) return;
  std::array<std::uint64_t, kAllOutcomes.size()> counts{};
  for (const ClientReport& client : report.clients) {
    ++counts[static_cast<std::size_t>(client.outcome)];
    if (client.tried) metrics_.importFinished(importResultOf(client.outcome));
  }
  if (report.outboxPending) {
    metrics_.setOutboxPending(static_cast<double>(*report.outboxPending));
  } else if (!report.outboxError.empty()) {
    metrics_.setOutboxPending(std::numeric_limits<double>::quiet_NaN());
  }
  counts[static_cast<std::size_t>(Outcome::kInSync)] += report.inSync.count();
  for (const Outcome outcome : kAllOutcomes) {
    double value = static_cast<double>(counts[static_cast<std::size_t>(outcome)]);
    if (outcome == Outcome::kUnmanaged) {
      value = report.unmanaged ? static_cast<double>(*report.unmanaged)
                               : std::numeric_limits<double>::quiet_NaN();
    }
    metrics_.setClients(nameOf(outcome), value);
  }
}

}  // namespace hydra_clients::reconcile

#include "reconcile/announcer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>
#include <variant>

#include "telemetry/log.h"

namespace hydra_clients::reconcile {
namespace {

using manifest::Manifest;
using manifest::ManifestSet;
using telemetry::logInfo;
using telemetry::LogLevel;
using telemetry::logWarning;

std::string placeText(const manifest::Location& place) {
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

std::string listText(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

std::string fieldsText(const std::vector<Difference>& differences) {
  std::vector<std::string_view> names;
  names.reserve(differences.size());
  for (const Difference& difference : differences) names.push_back(difference.field);
  return listText(names);
}

std::string detailsOf(const ClientReport& client) {
  std::string text = client.reason;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
  };
  for (const Difference& difference : client.differences) add(inWords(difference));
  return text;
}

std::string_view sentenceOf(const ClientReport& client) {
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
      return "client waits for its secret, not sent";
    case Outcome::kRefused:
      return "Hydra refused the client";
    case Outcome::kRetrying:
      return "client not imported for the moment, will be tried again";
    case Outcome::kImport:
      return "client imported";
    case Outcome::kUnmanaged:
      return "client has no manifest";
  }
  return "";
}

/// The label of imports_total: one of an import that was tried.
std::string_view importResultOf(Outcome outcome) {
  return outcome == Outcome::kImport ? "imported" : nameOf(outcome);
}

/// The two sets side by side by id, both sorted: calls `both` or `onlyBefore` or `onlyNow`.
template <typename Both, typename OnlyBefore>
void walk(const ManifestSet& before, const ManifestSet& now, Both both, OnlyBefore onlyBefore) {
  auto next = now.manifests.begin();
  for (const auto& old : before.manifests) {
    while (next != now.manifests.end() && (*next)->id < old->id) ++next;
    if (next != now.manifests.end() && (*next)->id == old->id) {
      both(*old, **next);
    } else {
      onlyBefore(*old);
    }
  }
}

/// Whether a manifest that is no longer valid still stands in the source: at fault, twice, or in a file that
/// cannot be read. It is then told of as such, and did not go away.
bool stillStands(const Manifest& manifest, const ManifestSet& now) {
  const auto concerns = [&](const manifest::InvalidManifest& invalid) {
    return invalid.id ? *invalid.id == manifest.id : invalid.from.path == manifest.from.path;
  };
  return std::ranges::any_of(now.invalid, concerns) ||
         std::ranges::any_of(now.duplicates,
                             [&](const auto& duplicate) { return duplicate.id == manifest.id; });
}

}  // namespace

void Announcer::announce(const CycleReport& report, const manifest::ManifestSetPtr& desired) {
  bool news = announceSet(desired);
  news = announceError(report) || news;
  if (report.clientsKnown) news = announceClients(report) || news;
  count(report);
  const LogLevel level = news ? LogLevel::kInfo : LogLevel::kDebug;
  telemetry::log(level, "cycle finished",
                 {{"result", std::string(nameOf(report.result))},
                  {"clients", report.clientsKnown ? report.summary() : std::string("unknown")},
                  {"revision", report.revision},
                  {"duration_seconds", report.seconds}});
}

bool Announcer::announceError(const CycleReport& report) {
  if (report.error == error_) return false;
  if (report.error.empty()) {
    logInfo("recovered", {{"after", error_}});
  } else {
    telemetry::logError("cycle hindered",
                        {{"result", std::string(nameOf(report.result))}, {"error", report.error}});
  }
  error_ = report.error;
  return true;
}

bool Announcer::announceClients(const CycleReport& report) {
  bool news = false;
  std::unordered_map<std::string, Said> said;
  for (const ClientReport& client : report.clients) {
    const std::string key = client.id.empty() ? placesText(client) : client.id;
    Said now{client.outcome, detailsOf(client)};
    const auto before = said_.find(key);
    const bool quiet = client.outcome == Outcome::kInSync &&
                       (before == said_.end() || before->second.outcome == Outcome::kImport);
    if (!quiet && (before == said_.end() || before->second != now)) {
      announceClient(client, report);
      news = true;
    }
    const bool inHydra = client.outcome == Outcome::kInSync || client.outcome == Outcome::kImport ||
                         client.outcome == Outcome::kConflict;
    if (client.outcome == Outcome::kImport && present_.contains(client.id)) {
      logWarning("client imported again: it had been in Hydra and was gone",
                 {{"client_id", client.id}, {"manifest", placesText(client)}});
      metrics_.reimported();
    }
    if (inHydra) present_.insert(client.id);
    if (client.outcome != Outcome::kInSync) said.emplace(key, std::move(now));
  }
  said_ = std::move(said);
  return news;
}

void Announcer::announceClient(const ClientReport& client, const CycleReport& report) {
  const bool good = client.outcome == Outcome::kInSync || client.outcome == Outcome::kImport;
  std::string details = detailsOf(client);
  if (!client.hint.empty()) details += (details.empty() ? "" : "; ") + client.hint;
  telemetry::log(good ? LogLevel::kInfo : LogLevel::kWarning, sentenceOf(client),
                 {{"client_id", client.id},
                  {"outcome", std::string(nameOf(client.outcome))},
                  {"fields", fieldsText(client.differences)},
                  {"details", details},
                  {"manifest", placesText(client)},
                  {"revision", report.revision}});
  if (!client.unknown.empty()) {
    logWarning("this Hydra does not know a declared field and drops it",
               {{"client_id", client.id}, {"fields", listText(client.unknown)}, {"hydra", report.hydra}});
  }
}

bool Announcer::announceSet(const manifest::ManifestSetPtr& desired) {
  if (!desired || desired == set_) return false;
  std::string warnings;
  for (const manifest::Fault& fault : desired->warnings) warnings += manifest::format(fault) + "\n";
  if (warnings != warnings_) {
    for (const manifest::Fault& fault : desired->warnings) {
      logWarning("manifest warning", {{"rule", fault.rule}, {"where", manifest::format(fault)}});
    }
    warnings_ = std::move(warnings);
  }
  if (set_) {
    announceGone(*set_, *desired);
    announceChangedSecrets(*set_, *desired);
  }
  set_ = desired;
  logInfo("manifests in force", {{"files", static_cast<std::int64_t>(desired->files)},
                                 {"clients", static_cast<std::int64_t>(desired->manifests.size())},
                                 {"invalid", static_cast<std::int64_t>(desired->invalid.size())},
                                 {"duplicates", static_cast<std::int64_t>(desired->duplicates.size())},
                                 {"revision", desired->revision}});
  return true;
}

void Announcer::announceGone(const ManifestSet& before, const ManifestSet& now) {
  std::map<std::string, const Manifest*> added;  // by place: a renamed client stands where the old one stood
  walk(
      now, before, [](const Manifest&, const Manifest&) {},
      [&](const Manifest& manifest) { added.emplace(manifest.from.path, &manifest); });
  walk(
      before, now, [](const Manifest&, const Manifest&) {},
      [&](const Manifest& manifest) {
        if (stillStands(manifest, now)) return;
        const auto renamed = added.find(manifest.from.path);
        if (renamed != added.end() && renamed->second->fields == manifest.fields) {
          logWarning("client_id was renamed in its manifest: a client of the old name stays in Hydra",
                     {{"client_id", manifest.id},
                      {"new_client_id", renamed->second->id},
                      {"manifest", placeText(renamed->second->from)}});
        } else {
          logWarning("manifest went away: its client stays in Hydra",
                     {{"client_id", manifest.id}, {"manifest", placeText(manifest.from)}});
        }
        present_.erase(manifest.id);
      });
}

void Announcer::announceChangedSecrets(const ManifestSet& before, const ManifestSet& now) {
  walk(
      before, now,
      [](const Manifest& old, const Manifest& manifest) {
        if (&old == &manifest || sameSource(old.secret, manifest.secret)) return;
        logWarning("the secret changed in the manifest: it is not applied, Hydra keeps the one it has",
                   {{"client_id", manifest.id}, {"manifest", placeText(manifest.from)}});
      },
      [](const Manifest&) {});
}

void Announcer::count(const CycleReport& report) {
  metrics_.cycleFinished(nameOf(report.result), report.seconds);
  metrics_.setInSync(report.result == CycleResult::kSuccess);
  metrics_.setRevision(report.revision);
  if (report.sourceUnread) metrics_.sourceReadFailed();
  if (!report.clientsKnown) return;
  std::array<std::uint64_t, kAllOutcomes.size()> counts{};
  for (const ClientReport& client : report.clients) {
    ++counts[static_cast<std::size_t>(client.outcome)];
    if (client.tried) metrics_.importFinished(importResultOf(client.outcome));
  }
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

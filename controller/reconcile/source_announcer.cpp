#include "reconcile/source_announcer.h"

#include <algorithm>
#include <utility>

#include "telemetry/log.h"

namespace hydra_clients::reconcile {
namespace {

using manifest::Manifest;
using telemetry::logInfo;
using telemetry::logWarning;

std::string placeText(const Manifest& manifest) {
  return manifest.from.path + ":" + std::to_string(manifest.from.line);
}

}  // namespace

bool SourceAnnouncer::announce(const CycleReport& report, const manifest::ManifestSetPtr& desired,
                               const std::function<void(const ClientId&)>& gone) {
  const bool news = announceNotices(report);
  if (!desired || (desired == set_ && report.revision == revision_)) return news;
  if (desired != set_) {
    announceWarnings(*desired);
    if (set_) {
      const manifest::SetChanges changes = manifest::changesBetween(*set_, *desired);
      announceChanges(changes, report.revision.id);
      for (const Manifest* const manifest : changes.gone) gone(manifest->id);
      for (const auto& renamed : changes.renamed) gone(renamed.before->id);
    }
  }
  set_ = desired;
  revision_ = report.revision;
  logInfo("manifests in force", {{"files", static_cast<std::int64_t>(desired->files)},
                                 {"clients", static_cast<std::int64_t>(desired->manifests.size())},
                                 {"invalid", static_cast<std::int64_t>(desired->invalid.size())},
                                 {"duplicates", static_cast<std::int64_t>(desired->duplicates.size())},
                                 {"source", report.source},
                                 {"revision", report.revision.id}});
  return true;
}

bool SourceAnnouncer::announceNotices(const CycleReport& report) {
  bool news = false;
  for (const std::string& notice : report.notices) {
    if (std::ranges::find(notices_, notice) != notices_.end()) continue;
    logWarning(notice);
    news = true;
  }
  if (!report.sourceUnread) notices_ = report.notices;
  return news;
}

void SourceAnnouncer::announceWarnings(const manifest::ManifestSet& desired) {
  std::string warnings;
  for (const manifest::Fault& fault : desired.warnings) warnings += manifest::format(fault) + "\n";
  if (warnings == warnings_) return;
  for (const manifest::Fault& fault : desired.warnings) {
    logWarning("manifest warning", {{"rule", fault.rule}, {"where", manifest::format(fault)}});
  }
  warnings_ = std::move(warnings);
}

void SourceAnnouncer::announceChanges(const manifest::SetChanges& changes, const std::string& revision) {
  for (const auto& renamed : changes.renamed) {
    logWarning("client_id was renamed in its manifest: a client of the old name stays in Hydra",
               {{"client_id", renamed.before->id},
                {"new_client_id", renamed.now->id},
                {"manifest", placeText(*renamed.now)},
                {"revision", revision}});
  }
  for (const Manifest* const manifest : changes.gone) {
    logWarning("manifest went away: its client stays in Hydra",
               {{"client_id", manifest->id}, {"manifest", placeText(*manifest)}, {"revision", revision}});
  }
  for (const auto& changed : changes.changed) announceChangedSecret(changed, revision);
}

void SourceAnnouncer::announceChangedSecret(const manifest::ChangedManifest& changed,
                                            const std::string& revision) {
  const Manifest& manifest = *changed.now;
  if (sameSource(changed.before->secret, manifest.secret)) return;
  if (!memory_.wasPresent(manifest.id)) return;  // it will be imported with the new one
  logWarning(
      "the secret changed in the manifest: it is not applied, Hydra keeps the one it has until a "
      "person changes it",
      {{"client_id", manifest.id},
       {"manifest", placeText(manifest)},
       {"command", memory_.secretCommand ? memory_.secretCommand(manifest) : ""},
       {"revision", revision}});
}

}  // namespace hydra_clients::reconcile

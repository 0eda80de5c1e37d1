#pragma once

// What the log says of the source, each thing once: the set in force and what changed in it.

#include <functional>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "manifest/set_changes.h"
#include "reconcile/report.h"

namespace hydra_clients::reconcile {

/// What else is known of a client, by those who know it.
struct ClientMemory {
  /// Whether it has been in Hydra.
  std::function<bool(const ClientId&)> wasPresent;
  /// What a person can type to give it the secret of its manifest; "" where nothing can be said.
  std::function<std::string(const manifest::Manifest&)> secretCommand;
};

/// Used by one thread.
class SourceAnnouncer {
 public:
  explicit SourceAnnouncer(ClientMemory memory) : memory_(std::move(memory)) {}

  /// Says what is new. The clients whose manifests went away are told to `gone`. True where there was news.
  bool announce(const CycleReport& report, const manifest::ManifestSetPtr& desired,
                const std::function<void(const ClientId&)>& gone);

 private:
  bool announceNotices(const CycleReport& report);
  void announceWarnings(const manifest::ManifestSet& desired);
  void announceChanges(const manifest::SetChanges& changes, const std::string& revision);
  void announceChangedSecret(const manifest::ChangedManifest& changed, const std::string& revision);

  ClientMemory memory_;
  manifest::ManifestSetPtr set_;
  manifest::Revision revision_;
  std::vector<std::string> notices_;
  std::string warnings_;
};

}  // namespace hydra_clients::reconcile

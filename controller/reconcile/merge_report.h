#pragma once

// What merging a change would mean for Hydra: the value that `plan --against` prints in each of its forms.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/json.h"
#include "manifest/sources/git/change_base.h"
#include "reconcile/manifest_changes.h"
#include "reconcile/report.h"

namespace hydra_clients::reconcile {

/// A client whose manifest the merge changes.
struct ChangedClient {
  Change change = Change::kAdded;
  /// As a cycle over the merged manifests would report it. Of a removed one: where its manifest stood, and no
  /// outcome.
  ClientReport client;
  std::vector<std::string> fields;  ///< whose values the merge changes
  ClientId formerId;                ///< kRenamed
  /// Whether the client that is left without a manifest (kRemoved, kRenamed) is in Hydra; nullopt: not known.
  std::optional<bool> formerInHydra;
  bool secretNotApplied = false;  ///< the manifest gives another secret to a client that is in Hydra

  /// "import", "conflict"; of a removed one "unmanaged", "absent" or "unknown".
  [[nodiscard]] std::string_view word() const;
  /// Of the client that is left without a manifest: "which stays in Hydra, unmanaged, until …".
  [[nodiscard]] std::string_view formerFate() const;
  /// "changed: scope", "renamed from old, which is not in Hydra".
  [[nodiscard]] std::string changeInWords() const;
  /// Merging it changes nothing in Hydra, and leaves nothing to a person.
  [[nodiscard]] bool leavesNothingToDo() const;
};

struct MergeReport {
  CycleReport cycle;  ///< of the manifests as they would be, all of them
  manifest::Comparison comparison;
  std::vector<ChangedClient> clients;  ///< sorted by id; those whose manifests the merge changes
  std::uint64_t unchanged = 0;         ///< all other declared clients
  std::uint64_t unchangedNotInSync = 0;

  [[nodiscard]] bool known() const { return cycle.clientsKnown && cycle.error.empty(); }
  [[nodiscard]] bool leavesNothingToDo() const;
  /// "1 conflict, 2 import, 1 unmanaged"; "nothing changes".
  [[nodiscard]] std::string summary() const;
  /// "208 clients unchanged, 2 of them not in sync".
  [[nodiscard]] std::string others() const;
  /// "HEAD 0123456789ab with 89abcdef0123, where it parted from main". `named` shows a ref's name.
  [[nodiscard]] std::string sides(const std::function<std::string(const std::string&)>& named) const;
};

/// The JSON document of `plan --against`: that of `plan`, with `comparison` and `changes` in the place of
/// `clients`.
[[nodiscard]] json::Value toJson(const MergeReport& report);

/// For people: what is compared, a line for each changed client, and two sums.
[[nodiscard]] std::string toText(const MergeReport& report);

}  // namespace hydra_clients::reconcile

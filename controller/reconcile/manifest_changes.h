#pragma once

// What a merge does to manifests, client by client. Pure.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/client_id.h"
#include "manifest/manifest.h"

namespace hydra_clients::reconcile {

enum class Change : std::uint8_t {
  kAdded,     ///< there was no manifest of the client
  kChanged,   ///< other fields, another secret, or other faults
  kRenamed,   ///< the same manifest, in the same file, under another client_id
  kRepaired,  ///< it was invalid or a duplicate
  kRemoved,   ///< and nothing of the client stands in the set any more
};
/// "added".
[[nodiscard]] std::string_view nameOf(Change);

struct ManifestChange {
  Change change = Change::kAdded;
  manifest::ManifestPtr before;  ///< null where there was none, or none that was valid
  manifest::ManifestPtr now;     ///< null where there is none, or none that is valid

  /// The fields whose values differ, sorted; none where a side has no valid manifest.
  [[nodiscard]] std::vector<std::string> fields() const;
  /// Another secret than before is stated, or named by a reference.
  [[nodiscard]] bool givesAnotherSecret() const;
};

/// What one entry of a set is known by: its client_id, or its place where it has none.
[[nodiscard]] std::string keyOf(const ClientId& id, const manifest::Location& place);

/// Of every client whose manifest differs between the two sets, valid or not, by its key. Where a manifest
/// only moved, or is invalid as it was before, nothing changed.
using ManifestChanges = std::map<std::string, ManifestChange>;
[[nodiscard]] ManifestChanges changesOfManifests(const manifest::ManifestSetPtr& before,
                                                 const manifest::ManifestSetPtr& now);

/// `now`, and the valid manifests that `changes` remove from it or rename: so that Hydra is asked for the
/// clients that stay there without one.
[[nodiscard]] manifest::ManifestSetPtr withFormer(const manifest::ManifestSetPtr& now,
                                                  const ManifestChanges& changes);

}  // namespace hydra_clients::reconcile

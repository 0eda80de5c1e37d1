#pragma once

#include <vector>

#include "manifest/manifest.h"

namespace hydra_clients::manifest {

/// One client in two sets. Refers into both.
struct ChangedManifest {
  const Manifest* before;
  const Manifest* now;
};

/// What became of a set's valid manifests in another one. Refers into both sets, which outlive it. Each list
/// is sorted by client_id.
struct SetChanges {
  std::vector<const Manifest*> added;
  std::vector<const Manifest*> gone;     ///< and of which nothing stands in the set any more, valid or not
  std::vector<ChangedManifest> changed;  ///< the same client, other fields or another secret
  std::vector<ChangedManifest> renamed;  ///< in the same file, with the same fields, under another client_id

  [[nodiscard]] bool empty() const {
    return added.empty() && gone.empty() && changed.empty() && renamed.empty();
  }
};

/// Costs a walk over both sets; a manifest that both share is not looked into.
[[nodiscard]] SetChanges changesBetween(const ManifestSet& before, const ManifestSet& now);

}  // namespace hydra_clients::manifest

#pragma once

// What a cycle need not compare again.

#include <cstddef>
#include <vector>

#include "client/fingerprint.h"
#include "client/hydra_version.h"
#include "manifest/manifest.h"

namespace hydra_clients::reconcile {

/// The live clients that were found in sync, by their bytes: a verdict follows from the manifest, the bytes
/// and Hydra's version, so while these three are the same it stands, and a cycle in sync reads no client at
/// all. Sixteen bytes a manifest; conflicts are not kept, and are compared by each cycle. Kept from cycle to
/// cycle; used by one thread.
class Compared {
 public:
  /// To be called before each cycle; costs nothing where both are as before. Keeps what is known of manifests
  /// that are in both sets, and nothing across a change of the version.
  void update(const manifest::ManifestSetPtr& set, const HydraVersion& version);

  /// Whether a live client of these bytes was found in sync with the manifest at `place` of the set.
  [[nodiscard]] bool isKnownInSync(std::size_t place, const Fingerprint& live) const;
  void foundInSync(std::size_t place, const Fingerprint& live) { inSync_[place] = live; }

  /// Whether the manifest at `place` declares fields that this Hydra does not know, which are not compared.
  [[nodiscard]] bool leavesOut(std::size_t place) const { return leavesOut_[place]; }

 private:
  static constexpr Fingerprint kNothing{};

  manifest::ManifestSetPtr set_;
  HydraVersion version_;
  std::vector<Fingerprint> inSync_;  ///< by place in set_->manifests, as the next one
  std::vector<bool> leavesOut_;
};

}  // namespace hydra_clients::reconcile

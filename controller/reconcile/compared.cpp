#include "reconcile/compared.h"

#include <unordered_map>
#include <utility>

namespace hydra_clients::reconcile {

void Compared::update(const manifest::ManifestSetPtr& set, const HydraVersion& version) {
  const bool sameVersion = version == version_;
  if (set == set_ && sameVersion) return;
  // By address: manifests do not change, and set_ keeps those of before alive until here.
  std::unordered_map<const manifest::Manifest*, Fingerprint> known;
  for (std::size_t i = 0; sameVersion && i < inSync_.size(); ++i) {
    if (inSync_[i] != kNothing) known.emplace(set_->manifests[i].get(), inSync_[i]);
  }
  inSync_.assign(set->manifests.size(), kNothing);
  for (std::size_t i = 0; i < inSync_.size(); ++i) {
    if (const auto found = known.find(set->manifests[i].get()); found != known.end())
      inSync_[i] = found->second;
  }
  leavesOut_.resize(set->manifests.size());
  for (std::size_t i = 0; i < leavesOut_.size(); ++i)
    leavesOut_[i] = !set->manifests[i]->declared.unknownTo(version).empty();
  set_ = set;
  version_ = version;
}

bool Compared::isKnownInSync(std::size_t place, const Fingerprint& live) const {
  return inSync_[place] == live && live != kNothing;
}

}  // namespace hydra_clients::reconcile

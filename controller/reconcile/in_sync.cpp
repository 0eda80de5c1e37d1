#include "reconcile/in_sync.h"

#include <algorithm>

namespace hydra_clients::reconcile {

manifest::ManifestPtr InSync::find(const ClientId& id) const {
  if (!set_) return nullptr;
  const auto& manifests = set_->manifests;
  const auto found = std::ranges::lower_bound(manifests, id, {}, &manifest::Manifest::id);
  if (found == manifests.end() || (*found)->id != id) return nullptr;
  return has_[static_cast<std::size_t>(found - manifests.begin())] ? *found : nullptr;
}

}  // namespace hydra_clients::reconcile

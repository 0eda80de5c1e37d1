#include "reconcile/wanted_clients.h"

#include <utility>

namespace hydra_clients::reconcile {

void WantedClients::update(const manifest::ManifestSetPtr& set, const hydra::Dialect& dialect) {
  const bool sameHydra = dialect == dialect_;
  if (set == set_ && sameHydra) return;
  if (!sameHydra) confirmed_.clear();
  set_ = set;
  dialect_ = dialect;
  sortOut();
}

void WantedClients::forget() {
  confirmed_.clear();
  if (set_) sortOut();
}

void WantedClients::sortOut() {
  addressable_.clear();
  unconfirmed_.clear();
  const auto before = std::exchange(confirmed_, {});
  for (const manifest::ManifestPtr& manifest : set_->manifests) {
    if (dialect_.addressable(manifest->id)) {
      addressable_.push_back(&manifest->id);
      continue;
    }
    const auto known = before.find(manifest->id);
    if (known != before.end() && known->second.manifest == manifest) {
      confirmed_.insert(*known);
    } else {
      unconfirmed_.emplace(manifest->id, manifest);
    }
  }
}

std::vector<ClientId> WantedClients::listedOnly() const {
  std::vector<ClientId> ids;
  ids.reserve(unconfirmed_.size() + confirmed_.size());
  for (const auto& [id, manifest] : unconfirmed_) ids.push_back(id);
  for (const auto& [id, confirmed] : confirmed_) ids.push_back(id);
  return ids;
}

void WantedClients::recallInto(Planner& planner) const {
  for (const auto& [id, confirmed] : confirmed_) planner.recall(id, confirmed.differences);
}

void WantedClients::confirm(const ClientId& id, const std::vector<Difference>& differences) {
  if (const auto known = confirmed_.find(id); known != confirmed_.end()) {
    known->second.differences = differences;
  } else if (const auto found = unconfirmed_.find(id); found != unconfirmed_.end()) {
    confirmed_.emplace(id, Confirmed{found->second, differences});
    unconfirmed_.erase(found);
  }
}

void WantedClients::missed(const ClientId& id) {
  if (const auto known = confirmed_.find(id); known != confirmed_.end()) {
    unconfirmed_.emplace(id, known->second.manifest);
    confirmed_.erase(known);
  }
}

}  // namespace hydra_clients::reconcile

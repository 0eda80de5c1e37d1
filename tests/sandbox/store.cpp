#include "store.h"

#include <algorithm>

namespace sandbox {

bool Store::insert(StoredClient client) {
  if (clients_.contains(client.id)) return false;
  auto owned = std::make_unique<StoredClient>(std::move(client));
  const StoredClient* added = owned.get();
  clients_.emplace(added->id, std::move(owned));
  // Ids often arrive in order: then the list needs no sorting.
  if (ordered_is_current_ && (ordered_.empty() || ordered_.back()->order_key < added->order_key)) {
    ordered_.push_back(added);
  } else {
    ordered_is_current_ = false;
  }
  return true;
}

const StoredClient* Store::find(const std::string& id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : found->second.get();
}

bool Store::replace(StoredClient client) {
  const auto found = clients_.find(client.id);
  if (found == clients_.end()) return false;
  client.order_key = found->second->order_key;
  *found->second = std::move(client);
  return true;
}

bool Store::erase(const std::string& id) {
  if (clients_.erase(id) == 0) return false;
  ordered_is_current_ = false;
  return true;
}

void Store::clear() {
  clients_.clear();
  ordered_.clear();
  ordered_is_current_ = true;
}

const std::vector<const StoredClient*>& Store::in_order() const {
  if (!ordered_is_current_) {
    ordered_.clear();
    ordered_.reserve(clients_.size());
    for (const auto& [id, client] : clients_) ordered_.push_back(client.get());
    std::sort(ordered_.begin(), ordered_.end(),
              [](const StoredClient* a, const StoredClient* b) { return a->order_key < b->order_key; });
    ordered_is_current_ = true;
  }
  return ordered_;
}

}  // namespace sandbox

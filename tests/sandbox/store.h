// The clients that the sandbox holds, in the order in which its dialect lists them. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sandbox {

struct StoredClient {
  std::string id;
  std::string order_key;  // the id, or a random primary key (v2.0, v2.1)
  std::string name;
  std::string owner;
  std::string secret;  // in the clear, for tests; never in an answer of the admin API
  std::string created_at;
  std::string json;         // what a GET answers
  bool unreadable = false;  // every answer that holds it is a 500
};

class Store {
 public:
  /// False when the id is taken; then nothing changes.
  bool insert(StoredClient client);
  /// nullptr when there is none. Valid until that client is erased or replaced.
  const StoredClient* find(const std::string& id) const;
  /// False when there is none of that id. The order key stays.
  bool replace(StoredClient client);
  bool erase(const std::string& id);
  void clear();
  std::size_t size() const { return clients_.size(); }
  /// All clients by their order key; valid until the next change.
  const std::vector<const StoredClient*>& in_order() const;

 private:
  std::unordered_map<std::string, std::unique_ptr<StoredClient>> clients_;
  mutable std::vector<const StoredClient*> ordered_;
  mutable bool ordered_is_current_ = true;
};

}  // namespace sandbox

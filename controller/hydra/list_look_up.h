#pragma once

// Clients whose ids no URL can hold, looked up through the list. Inside this room only.

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include <tl/expected.hpp>

#include "hydra/admin_api.h"

namespace hydra_clients::hydra {

/// Whoever looks up a client wants to know what is there now: an answer from a list whose reading began
/// before the question may be too old. So all who ask while one is read share the next reading, and no two
/// are read at once: a hundred such clients cost two readings, not a hundred. Thread-safe.
class ListLookUp {
 public:
  using ReadList = std::function<tl::expected<ListSummary, AdminError>(const LiveClientVisitor& visit)>;
  explicit ListLookUp(ReadList readList) : readList_(std::move(readList)) {}

  /// The client as a list shows it that is read from now on; nullopt where it is not in it. Blocks.
  [[nodiscard]] tl::expected<std::optional<LiveClient>, AdminError> find(const ClientId& id);

 private:
  /// One reading, and what is asked of it.
  struct Batch {
    std::map<ClientId, std::optional<LiveClient>, std::less<>> wanted;
    std::optional<AdminError> error;
    bool done = false;
  };
  void read(Batch& batch);

  const ReadList readList_;
  std::mutex mutex_;  ///< guards what follows, and each batch but the one that is being read
  std::condition_variable changed_;
  std::shared_ptr<Batch> next_ = std::make_shared<Batch>();  ///< has not begun
  bool reading_ = false;
};

}  // namespace hydra_clients::hydra

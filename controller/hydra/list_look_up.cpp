#include "hydra/list_look_up.h"

#include <exception>
#include <utility>

namespace hydra_clients::hydra {

tl::expected<std::optional<LiveClient>, AdminError> ListLookUp::find(const ClientId& id) {
  std::unique_lock lock(mutex_);
  const std::shared_ptr<Batch> batch = next_;
  batch->wanted.try_emplace(id);
  changed_.wait(lock, [&] { return batch->done || !reading_; });
  if (!batch->done) {  // nobody reads, so this batch has not begun: who comes first reads it for all
    reading_ = true;
    next_ = std::make_shared<Batch>();
    lock.unlock();
    read(*batch);
    lock.lock();
    batch->done = true;
    reading_ = false;
    changed_.notify_all();
  }
  if (batch->error) return tl::unexpected(*batch->error);
  return batch->wanted.at(id);
}

void ListLookUp::read(Batch& batch) {
  try {
    const auto summary = readList_([&](const LiveClient& client) {
      if (const auto wanted = batch.wanted.find(client.id()); wanted != batch.wanted.end()) {
        wanted->second = client.kept();
      }
    });
    if (!summary) batch.error = summary.error();
  } catch (const std::exception& fault) {  // of memory, mostly; those who wait must hear of it
    batch.error.emplace();
    batch.error->kind = AdminError::Kind::kMalformed;
    batch.error->message = std::string("the list of clients cannot be read: ") + fault.what();
  }
}

}  // namespace hydra_clients::hydra

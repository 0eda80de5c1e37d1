#include "hydra/connection_slots.h"

namespace hydra_clients::hydra {

ConnectionSlots::Outcome ConnectionSlots::take(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_until(lock, deadline, [this] { return closed_ || free_ > 0; })) return Outcome::kTimeout;
  if (closed_) return Outcome::kClosed;
  --free_;
  return Outcome::kTaken;
}

void ConnectionSlots::release() {
  {
    const std::lock_guard lock(mutex_);
    ++free_;
  }
  changed_.notify_one();
}

void ConnectionSlots::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace hydra_clients::hydra

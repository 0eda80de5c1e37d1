#include "reconcile/triggers.h"

#include <utility>

namespace hydra_clients::reconcile {

void Triggers::lookNow(const std::string& reason) {
  const std::scoped_lock lock(mutex_);
  if (!pending_) trigger_.reason = reason;
  pending_ = true;
  changed_.notify_all();
}

void Triggers::hydraRestarted() {
  {
    const std::scoped_lock lock(mutex_);
    trigger_.hydraRestarted = true;
  }
  lookNow("Hydra went away or was restarted");
}

Trigger Triggers::wait(std::chrono::steady_clock::time_point until, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, until, [this] { return pending_; });
  if (stop.stop_requested()) return {};
  if (!std::exchange(pending_, false)) return {"interval"};
  return std::exchange(trigger_, {});
}

}  // namespace hydra_clients::reconcile

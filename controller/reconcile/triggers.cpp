#include "reconcile/triggers.h"

#include <utility>

namespace hydra_clients::reconcile {

void Triggers::lookNow(const std::string& reason) {
  const std::scoped_lock lock(mutex_);
  if (!pending_) reason_ = reason;
  pending_ = true;
  changed_.notify_all();
}

std::string Triggers::wait(std::chrono::steady_clock::time_point until, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, until, [this] { return pending_; });
  if (stop.stop_requested()) return "";
  if (!std::exchange(pending_, false)) return "interval";
  return std::exchange(reason_, "");
}

}  // namespace hydra_clients::reconcile

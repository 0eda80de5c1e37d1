#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>

namespace hydra_clients::reconcile {

/// What says "look now". Events only set a flag; the loop acts at its own pace. Triggers that arrive together
/// make one cycle, a trigger during a cycle makes exactly one more. Thread-safe: `mutex_` guards the two
/// members below it.
class Triggers {
 public:
  /// `reason` for the log: "SIGHUP", "POST /-/reconcile".
  void lookNow(const std::string& reason);

  /// Waits until a trigger, `until`, or `stop`. Returns the reason ("interval" where the time has passed),
  /// and takes the trigger. "" where it was stopped.
  std::string wait(std::chrono::steady_clock::time_point until, const std::stop_token& stop);

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool pending_ = false;
  std::string reason_;
};

}  // namespace hydra_clients::reconcile

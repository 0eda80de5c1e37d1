#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>

namespace hydra_clients::reconcile {

/// Why a cycle begins.
struct Trigger {
  std::string reason;           ///< for the log: "interval", "SIGHUP"; "" where the loop is told to stop
  bool hydraRestarted = false;  ///< what Hydra said earlier may be true no more
};

/// What says "look now". Events only set a flag; the loop acts at its own pace. Triggers that arrive together
/// make one cycle, a trigger during a cycle makes exactly one more. Thread-safe: `mutex_` guards the two
/// members below it.
class Triggers {
 public:
  /// `reason` for the log: "SIGHUP", "POST /-/reconcile".
  void lookNow(const std::string& reason);

  /// Hydra went away or is another process than before: look now, and take nothing for granted.
  void hydraRestarted();

  /// Waits until a trigger, `until` ("interval"), or `stop`, and takes the trigger.
  Trigger wait(std::chrono::steady_clock::time_point until, const std::stop_token& stop);

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool pending_ = false;
  Trigger trigger_;
};

}  // namespace hydra_clients::reconcile

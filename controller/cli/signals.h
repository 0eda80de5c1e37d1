#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

namespace hydra_clients::cli {

/// Turns signals into calls, on a thread of its own. SIGTERM and SIGINT ask to stop; what is still under way
/// kGrace later is cut off by `cutOff`. SIGHUP calls `lookNow`.
///
/// Call block() before the first thread is made: the signals are then blocked in every thread that comes
/// after, and only this one takes them.
class SignalThread {
 public:
  struct Handlers {
    std::function<void()> lookNow;  ///< may be empty: SIGHUP is then ignored
    std::function<void()> cutOff;   ///< cancels requests; may be empty
  };
  static void block();
  explicit SignalThread(Handlers handlers);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

  /// Requested by SIGTERM or SIGINT.
  [[nodiscard]] std::stop_token stopToken() const { return stop_.get_token(); }

  static constexpr std::chrono::seconds kGrace{3};

 private:
  void watch(const std::stop_token& end);

  Handlers handlers_;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace hydra_clients::cli

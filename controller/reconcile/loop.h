#pragma once

// The control loop: cycles until it is told to stop.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>

#include "reconcile/announcer.h"
#include "reconcile/reconciler.h"
#include "reconcile/status_board.h"
#include "reconcile/triggers.h"

namespace hydra_clients::reconcile {

/// The loop's heart beat, for /healthz: beaten by the loop's thread, read by the status server. Lock-free.
class HeartBeat {
 public:
  void beat();
  /// Whether it was beaten within the last `limit`.
  [[nodiscard]] bool alive(std::chrono::seconds limit) const;

 private:
  std::atomic<std::chrono::steady_clock::rep> last_{
      std::chrono::steady_clock::now().time_since_epoch().count()};
};

struct LoopOptions {
  std::chrono::milliseconds interval{std::chrono::minutes(1)};
  double jitter = 0.1;  ///< the interval varies by this share, so that replicas drift apart
  /// After each cycle that Hydra answered as it should, with the time of its begin; may be empty.
  std::function<void(std::chrono::system_clock::time_point began)> onReached;
};

/// Runs on the calling thread until `stop`.
class Loop {
 public:
  Loop(Reconciler& reconciler, Announcer& announcer, Triggers& triggers, HeartBeat& heart,
       StatusBoard& status, LoopOptions options);

  void run(const std::stop_token& stop);

  /// A cycle has read both sides. Lock-free.
  [[nodiscard]] bool ready() const { return ready_.load(); }

  /// Of the cycle that begins next: what is so now, it will see. Lock-free.
  [[nodiscard]] std::uint64_t nextNumber() const { return begun_.load() + 1; }

 private:
  std::chrono::steady_clock::time_point nextCycle(const CycleReport& report) const;
  Trigger waitForTrigger(std::chrono::steady_clock::time_point until, const std::stop_token& stop);

  Reconciler& reconciler_;
  Announcer& announcer_;
  Triggers& triggers_;
  HeartBeat& heart_;
  StatusBoard& status_;
  const LoopOptions options_;
  std::atomic<bool> ready_{false};
  std::atomic<std::uint64_t> begun_{0};
  int failuresInARow_ = 0;
  std::shared_ptr<const CycleReport> last_;
};

}  // namespace hydra_clients::reconcile

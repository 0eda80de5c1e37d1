#include "reconcile/loop.h"

#include <algorithm>
#include <utility>

#include "reconcile/jitter.h"
#include "reconcile/wall_clock.h"
#include "telemetry/log.h"

namespace hydra_clients::reconcile {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kBeatWhileWaiting{5};
/// A failed cycle is tried again soon, since Hydra restarts in a moment, then once a second, quietly.
constexpr std::chrono::milliseconds kFirstRetry{100};
constexpr std::chrono::milliseconds kLongestRetry{1000};

std::chrono::milliseconds retryAfter(int failuresInARow) {
  auto wait = kFirstRetry;
  for (int i = 1; i < failuresInARow && wait < kLongestRetry; ++i) wait *= 2;
  return std::min(wait, kLongestRetry);
}

/// A cycle that was cut short tells of what it did, and says nothing of the clients that it did not reach.
void dropUntried(CycleReport& report) {
  std::erase_if(report.clients,
                [](const ClientReport& client) { return client.outcome == Outcome::kRetrying; });
}

}  // namespace

void HeartBeat::beat() {
  last_.store(steady_clock::now().time_since_epoch().count(), std::memory_order_relaxed);
}

bool HeartBeat::alive(std::chrono::seconds limit) const {
  const steady_clock::time_point last{steady_clock::duration(last_.load(std::memory_order_relaxed))};
  return steady_clock::now() - last < limit;
}

Loop::Loop(Reconciler& reconciler, Announcer& announcer, Triggers& triggers, HeartBeat& heart,
           StatusBoard& status, LoopOptions options)
    : reconciler_(reconciler),
      announcer_(announcer),
      triggers_(triggers),
      heart_(heart),
      status_(status),
      options_(std::move(options)) {
  reconciler_.retryWithin(options_.interval);
}

void Loop::run(const std::stop_token& stop) {
  Trigger trigger{"start"};
  while (!stop.stop_requested()) {
    telemetry::logDebug("cycle begins", {{"trigger", trigger.reason}});
    if (trigger.hydraRestarted) reconciler_.forgetAttempts();
    const auto began = std::chrono::system_clock::now();
    const std::uint64_t number = ++begun_;
    CycleReport report = reconciler_.runOnce(stop);
    report.cycle = number;
    if (stop.stop_requested()) {
      dropUntried(report);
      if (report.count(Outcome::kImport) == 0) break;
      report.error.clear();  // that it was told to stop is no failure
    }
    announcer_.announce(report, reconciler_.desired());
    if (last_) report.recall(*last_);
    failuresInARow_ = report.result == CycleResult::kFailed ? failuresInARow_ + 1 : 0;
    if (report.clientsKnown) ready_.store(true);
    if (report.clientsKnown && options_.onReached) options_.onReached(began);
    const auto next = nextCycle(report);
    report.nextCycle = onWallClock(next);
    last_ = std::make_shared<const CycleReport>(std::move(report));
    status_.publish(last_);
    trigger = waitForTrigger(next, stop);
  }
}

steady_clock::time_point Loop::nextCycle(const CycleReport& report) const {
  const auto now = steady_clock::now();
  auto next = now + jittered(options_.interval, options_.jitter);
  if (const auto due = reconciler_.nextDue()) next = std::min(next, std::max(*due, now));
  // A client that is overdue must not make failed cycles follow each other without a pause.
  if (failuresInARow_ == 0) return next;
  const auto asked = std::min<std::chrono::milliseconds>(report.retryAfter.value_or(0ms), options_.interval);
  return now + std::max(retryAfter(failuresInARow_), asked);
}

Trigger Loop::waitForTrigger(steady_clock::time_point until, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    heart_.beat();
    const auto now = steady_clock::now();
    const auto nextBeat = now + kBeatWhileWaiting;
    Trigger trigger = triggers_.wait(std::min(until, nextBeat), stop);
    if (trigger.reason != "interval" || steady_clock::now() >= until) return trigger;
  }
  return {};
}

}  // namespace hydra_clients::reconcile

#include "reconcile/write_pace.h"

#include <algorithm>
#include <utility>

namespace hydra_clients::reconcile {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

void PaceFinder::ended(SteadyTime now, nanoseconds latency, bool strained) {
  strained_ = strained_ || strained;
  if (begin_ == SteadyTime{}) {
    begin_ = now;
    return;
  }
  ++requests_;
  latencies_ += latency;
  const auto took = now - begin_;
  const bool enough = requests_ >= places_ * kRequestsPerPlace && took >= kShortestWindow;
  if (!enough && !strained_) return;
  const double seconds = std::chrono::duration<double>(took).count();
  judge(seconds > 0 ? static_cast<double>(requests_) / seconds : 0,
        latencies_ / static_cast<std::int64_t>(requests_));
  begin_ = SteadyTime{};
  requests_ = 0;
  latencies_ = nanoseconds{0};
  strained_ = false;
}

void PaceFinder::judge(double rate, nanoseconds latency) {
  if (strained_ || latency > limits_.maxLatency) {
    places_ = std::max<std::size_t>(1, places_ - std::max<std::size_t>(1, places_ / 3));
    placesBefore_ = 0;
    quietWindows_ = 0;
    return;
  }
  if (placesBefore_ == 0) {
    const bool first = rateBefore_ == 0;
    if (first || ++quietWindows_ >= kWindowsUntilNextTry) stepUp(rate);
    return;
  }
  if (rate > rateBefore_ * kWorthIt) {
    stepUp(rate);
  } else {
    places_ = std::exchange(placesBefore_, 0);
  }
}

void PaceFinder::stepUp(double rate) {
  quietWindows_ = 0;
  rateBefore_ = rate;
  const std::size_t more = std::min(limits_.most, places_ + std::max<std::size_t>(1, places_ / 2));
  placesBefore_ = more > places_ ? std::exchange(places_, more) : 0;
}

std::size_t WritePace::places() const {
  const std::scoped_lock lock(mutex_);
  return found();
}

void WritePace::open() {
  const std::scoped_lock lock(mutex_);
  isOpen_ = true;
  changed_.notify_all();
}

void WritePace::ended(nanoseconds latency, bool strained) {
  if (fixed_ > 0) return;
  const std::scoped_lock lock(mutex_);
  const std::size_t before = found();
  finder_.ended(steady_clock::now(), latency, strained);
  if (found() > before) changed_.notify_all();
}

void WritePace::enter() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return hasPlaceFor(taken_ + 1); });
  ++taken_;
}

void WritePace::renew() {
  std::unique_lock lock(mutex_);
  if (hasPlaceFor(taken_)) return;
  --taken_;
  changed_.wait(lock, [this] { return hasPlaceFor(taken_ + 1); });
  ++taken_;
}

void WritePace::leave() {
  const std::scoped_lock lock(mutex_);
  --taken_;
  changed_.notify_one();
}

}  // namespace hydra_clients::reconcile

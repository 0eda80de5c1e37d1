#pragma once

// How many POSTs are under way at once: a number that was given, or one that is found.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "reconcile/steady_time.h"

namespace hydra_clients::reconcile {

/// Finds how many requests at once a Hydra serves fastest, as a person would: more as long as that makes it
/// faster, one step back where it does not, fewer where it takes too long or says that it is too much.
/// Another try upwards now and then, since what else a Hydra has to do changes. Pure: no clock of its own,
/// no lock.
class PaceFinder {
 public:
  struct Limits {
    std::size_t first = 4;
    std::size_t most = 64;
    std::chrono::milliseconds maxLatency{1'000};  ///< of an average POST
  };
  explicit PaceFinder(const Limits& limits) : limits_(limits), places_(limits.first) {}

  [[nodiscard]] std::size_t places() const { return places_; }

  /// A request ended at `now`. `strained`: Hydra said that it is too much (429, 502, 503, 504), or nothing in
  /// time.
  void ended(SteadyTime now, std::chrono::nanoseconds latency, bool strained);

  /// What is judged at once: so many requests, for at least so long.
  static constexpr std::size_t kRequestsPerPlace = 4;
  static constexpr std::chrono::milliseconds kShortestWindow{50};
  static constexpr double kWorthIt = 1.05;  ///< so much faster it must be for another step up
  static constexpr int kWindowsUntilNextTry = 20;

 private:
  void judge(double rate, std::chrono::nanoseconds latency);
  void stepUp(double rate);

  const Limits limits_;
  std::size_t places_;
  std::size_t placesBefore_ = 0;  ///< of the last step up; 0: none is being tried
  double rateBefore_ = 0;         ///< requests a second, with so many
  int quietWindows_ = 0;          ///< since the last step

  SteadyTime begin_{};  ///< of the window; its first request is not counted, since it began before
  std::size_t requests_ = 0;
  std::chrono::nanoseconds latencies_{0};
  bool strained_ = false;
};

/// Places for workers that send POSTs. Thread-safe: `mutex_` guards everything, and is never held while one
/// is sent.
class WritePace {
 public:
  /// `fixed`: always so many; 0: as many as are found to be best.
  WritePace(std::size_t fixed, const PaceFinder::Limits& limits) : fixed_(fixed), finder_(limits) {}

  /// How many workers are of use now.
  [[nodiscard]] std::size_t places() const;
  /// No POST follows any more: whoever waits for a place gets one.
  void open();
  /// How a POST went, see PaceFinder::ended().
  void ended(std::chrono::nanoseconds latency, bool strained);

  /// A worker's place as long as it lives. Its making waits for one: bounded by what the others have to do.
  class Place {
   public:
    explicit Place(WritePace& pace) : pace_(pace) { pace_.enter(); }
    ~Place() { pace_.leave(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    /// Between two POSTs: waits where there are fewer places now. Where there are not, nobody takes this one
    /// in between: that would cost a change of threads for each POST.
    void renew() { pace_.renew(); }

   private:
    WritePace& pace_;
  };

 private:
  void enter();
  void leave();
  void renew();
  [[nodiscard]] std::size_t found() const { return fixed_ > 0 ? fixed_ : finder_.places(); }
  [[nodiscard]] bool hasPlaceFor(std::size_t taken) const { return isOpen_ || taken <= found(); }

  const std::size_t fixed_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  PaceFinder finder_;
  std::size_t taken_ = 0;
  bool isOpen_ = false;
};

}  // namespace hydra_clients::reconcile

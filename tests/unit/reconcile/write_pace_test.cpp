#include "reconcile/write_pace.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <queue>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

namespace hydra_clients::reconcile {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using testing::AllOf;
using testing::Ge;
using testing::Le;

/// A Hydra with so many cores, each busy with one request for so long, at such a distance: what a finder
/// makes of it in simulated time.
class SimulatedHydra {
 public:
  struct Shape {
    std::size_t cores = 2;
    nanoseconds work = 1ms;
    nanoseconds distance = 0ms;
    std::size_t mostAtOnce = 1000;  ///< what comes beyond is answered with 503, at once
  };
  explicit SimulatedHydra(const Shape& shape) : shape_(shape) {}

  /// Serves so many requests; gives the most places that there were after half of them.
  std::size_t serve(PaceFinder& finder, int requests) {
    std::size_t most = 0;
    for (int done = 0; done < requests; ++done) {
      while (underWay_.size() < finder.places()) send();
      const UnderWay next = underWay_.top();
      underWay_.pop();
      now_ = next.end;
      finder.ended(now_, next.end - next.begin, next.strained);
      if (done > requests / 2) most = std::max(most, finder.places());
    }
    return most;
  }

 private:
  struct UnderWay {
    SteadyTime begin, end;
    bool strained = false;
    bool operator>(const UnderWay& other) const { return end > other.end; }
  };

  void send() {
    if (underWay_.size() >= shape_.mostAtOnce) {
      underWay_.push({now_, now_ + 1ms, true});
      return;
    }
    if (free_.empty()) free_.assign(shape_.cores, now_);
    auto core = std::ranges::min_element(free_);
    *core = std::max(*core, now_ + shape_.distance / 2) + shape_.work;
    underWay_.push({now_, *core + shape_.distance / 2, false});
  }

  const Shape shape_;
  SteadyTime now_ = SteadyTime{} + 1h;
  std::vector<SteadyTime> free_;
  std::priority_queue<UnderWay, std::vector<UnderWay>, std::greater<>> underWay_;
};

TEST(PaceFinder, StaysNearTheNumberOfCoresOfAHydraNextDoor) {
  for (const nanoseconds work : {nanoseconds(250us), nanoseconds(20ms), nanoseconds(72ms)}) {
    SimulatedHydra hydra({.work = work});
    PaceFinder finder({});
    EXPECT_THAT(hydra.serve(finder, 2000), AllOf(Ge(2U), Le(6U))) << work.count();
  }
}

TEST(PaceFinder, FillsTheWayToAHydraThatIsFarAway) {
  SimulatedHydra hydra({.work = 1ms, .distance = 20ms});
  PaceFinder finder({});
  EXPECT_GE(hydra.serve(finder, 5000), 20U) << "42 requests at once keep two cores busy";
}

TEST(PaceFinder, TakesNoMoreThanItIsAllowed) {
  SimulatedHydra hydra({.work = 1ms, .distance = 200ms});
  PaceFinder finder({.most = 16});
  EXPECT_EQ(hydra.serve(finder, 3000), 16U);
}

TEST(PaceFinder, KeepsTheAverageRequestWithinItsTime) {
  SimulatedHydra hydra({.cores = 1, .work = 100ms});
  PaceFinder finder({.first = 16, .maxLatency = 250ms});
  EXPECT_LE(hydra.serve(finder, 400), 3U);
}

TEST(PaceFinder, GoesBackToWhatHydraTakesWhereItSaysThatItIsTooMuch) {
  SimulatedHydra hydra({.work = 1ms, .distance = 20ms, .mostAtOnce = 8});
  PaceFinder finder({});
  EXPECT_LE(hydra.serve(finder, 5000), 13U) << "it tries one step more now and then";
}

TEST(PaceFinder, NeverStopsAltogether) {
  PaceFinder finder({});
  SteadyTime now = SteadyTime{} + 1h;
  for (int i = 0; i < 100; ++i) finder.ended(now += 10ms, 10ms, /*strained=*/true);
  EXPECT_EQ(finder.places(), 1U);
}

TEST(WritePace, LetsNoMoreInThanThereArePlaces) {
  WritePace pace(3, {});
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 50; ++j) {
          const WritePace::Place place(pace);
          const int now = ++inside;
          int seen = most;
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          std::this_thread::yield();
          --inside;
        }
      });
    }
  }
  EXPECT_EQ(pace.places(), 3U);
  EXPECT_LE(most, 3);
}

TEST(WritePace, LetsEveryoneInWhereNothingIsSentAnyMore) {
  WritePace pace(1, {});
  const WritePace::Place only(pace);
  std::jthread waiting([&] { const WritePace::Place second(pace); });
  pace.open();
  waiting.join();
  const WritePace::Place third(pace);
  EXPECT_EQ(pace.places(), 1U) << "and none has more to do";
}

}  // namespace
}  // namespace hydra_clients::reconcile

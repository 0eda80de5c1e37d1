#include "client/side_by_side.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

namespace hydra_clients {
namespace {

using ::testing::Each;
using ::testing::Eq;

constexpr std::size_t kThreads = 3;
constexpr std::size_t kMany = 1000;
const auto always = [] { return true; };

TEST(SideBySide, DoesEachNumberOnce) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, kThreads, kMany}) {
    std::vector<std::atomic<int>> done(count);
    sideBySide(count, kThreads, always, [&](std::size_t i) { return ++done[i] > 0; });
    EXPECT_THAT(done, Each(Eq(1))) << count;
  }
}

TEST(SideBySide, UsesNoOtherThreadWhereOneIsToDoIt) {
  const std::thread::id caller = std::this_thread::get_id();
  int elsewhere = 0;
  sideBySide(kMany, 1, always, [&](std::size_t) {
    elsewhere += std::this_thread::get_id() == caller ? 0 : 1;
    return true;
  });
  EXPECT_EQ(elsewhere, 0);
}

TEST(SideBySide, WantsNoThreadForLittleWorkAndFewForMuch) {
  EXPECT_EQ(threadsFor(kNumbersPerThread - 1), 1U);
  EXPECT_LE(threadsFor(1'000'000), kMostCores);
}

TEST(SideBySide, BeginsNothingMoreThanWhatIsUnderWayAfterANo) {
  std::atomic<std::size_t> begun = 0;
  sideBySide(kMany, kThreads, always, [&](std::size_t) {
    ++begun;
    return false;
  });
  EXPECT_GE(begun, 1u);
  EXPECT_LE(begun, kThreads);
}

TEST(SideBySide, AsksOnTheCallingThreadAloneWhetherToGoOn) {
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<std::size_t> begun = 0;
  int asked = 0;
  sideBySide(
      kMany, kThreads,
      [&] {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        return ++asked < 5;
      },
      [&](std::size_t) {
        ++begun;
        std::this_thread::yield();
        return true;
      });
  EXPECT_LE(asked, 5);
  EXPECT_GE(begun, 4u);
}

TEST(SideBySide, ThrowsHereWhatWorkThrowsOnAnyThread) {
  for (const std::size_t culprit : {std::size_t{0}, kMany / 2, kMany - 1}) {
    EXPECT_THROW(sideBySide(kMany, kThreads, always,
                            [&](std::size_t i) {
                              if (i == culprit) throw std::runtime_error("of work");
                              return true;
                            }),
                 std::runtime_error)
        << culprit;
  }
}

}  // namespace
}  // namespace hydra_clients

#include "hydra/retry.h"

#include <thread>

#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, GrowsWithJitterUpToItsLongest) {
  Backoff backoff({.first = 100ms, .longest = 1000ms, .factor = 2.0});
  for (const auto step : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms, 1000ms}) {
    const auto wait = backoff.next();
    EXPECT_GE(wait, step / 2);
    EXPECT_LE(wait, step);
  }
}

TEST(Backoff, WaitsAtLeastAsLongAsTheServerAskedFor) {
  Backoff backoff({.first = 100ms, .longest = 1000ms});
  const auto wait = backoff.next(3s);
  EXPECT_GE(wait, 3s);
  EXPECT_LE(wait, 3100ms);
}

TEST(Backoff, CutsAWaitShortAtTheDeadlineAndTriesNoMoreAfterIt) {
  const std::chrono::steady_clock::time_point now{10h};
  Backoff backoff({.first = 1000ms, .longest = 8000ms});
  EXPECT_EQ(backoff.nextTry(now, now + 100ms), now + 100ms);
  EXPECT_EQ(backoff.nextTry(now + 100ms, now + 100ms), std::nullopt);
  const auto next = backoff.nextTry(now, now + 1h);
  ASSERT_TRUE(next);
  EXPECT_GE(*next, now + 500ms);
  EXPECT_LE(*next, now + 8s);
}

TEST(Backoff, TriesNoMoreWhereTheServerAsksForAWaitBeyondTheDeadline) {
  const std::chrono::steady_clock::time_point now{10h};
  Backoff backoff({.first = 100ms, .longest = 1000ms});
  EXPECT_EQ(backoff.nextTry(now, now + 5s, 6s), std::nullopt);
  const auto next = backoff.nextTry(now, now + 5s, 4950ms);
  ASSERT_TRUE(next);
  EXPECT_GE(*next, now + 4950ms);
  EXPECT_LE(*next, now + 5s);
}

TEST(Backoff, IsNotTheSameForEverybody) {
  Backoff a({.first = 10s, .longest = 100s});
  Backoff b({.first = 10s, .longest = 100s});
  bool differ = false;
  for (int i = 0; i < 5; ++i) differ = differ || a.next() != b.next();
  EXPECT_TRUE(differ);
}

TEST(RetryAfter, TakesSecondsAndDates) {
  const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_EQ(parseRetryAfter("120", "", 1h), 120s);
  EXPECT_EQ(parseRetryAfter(" 0 ", "", 1h), 0s);
  EXPECT_EQ(parseRetryAfter("Sun, 06 Nov 1994 08:50:37 GMT", date, 1h), 60s);
  EXPECT_EQ(parseRetryAfter("Sun, 06 Nov 1994 08:00:00 GMT", date, 1h), 0s) << "a moment that has passed";
}

TEST(RetryAfter, IsBounded) {
  EXPECT_EQ(parseRetryAfter("99999999999999999999", "", 1h), 1h);
  EXPECT_EQ(parseRetryAfter("7200", "", 1h), 1h);
  EXPECT_EQ(parseRetryAfter("Sun, 06 Nov 2094 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 1h), 1h);
}

TEST(RetryAfter, IsAbsentWhereItMeansNothing) {
  for (const char* value : {"", "-1", "soon", "1.5", "Sun, 06 Nov 1994", "12x"}) {
    EXPECT_EQ(parseRetryAfter(value, "", 1h), std::nullopt) << value;
  }
}

TEST(Sleep, EndsAtOnceWhereStopped) {
  std::stop_source stop;
  const auto begin = std::chrono::steady_clock::now();
  std::jthread stopper([&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  });
  EXPECT_FALSE(sleepUnlessStopped(10s, stop.get_token()));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  EXPECT_FALSE(sleepUnlessStopped(10s, stop.get_token()));
  EXPECT_TRUE(sleepUnlessStopped(10ms, std::stop_token{}));
}

TEST(RetryAfter, MayHaveBlanksAroundIt) {
  EXPECT_EQ(parseRetryAfter("\t 120 \t", "", 1h), 120s);
  EXPECT_EQ(parseRetryAfter(" \t ", "", 1h), std::nullopt);
}

TEST(RetryAfter, CountsFromOurOwnClockWhereTheServerTellsNoTime) {
  EXPECT_EQ(parseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", "", 1h), 0s);
  EXPECT_EQ(parseRetryAfter("Wed, 06 Nov 2999 08:49:37 GMT", "yesterday", 1h), 1h);
  EXPECT_EQ(parseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT+1", "", 1h), std::nullopt);
}

}  // namespace
}  // namespace hydra_clients::hydra

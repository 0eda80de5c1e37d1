#include "reconcile/fetcher.h"

#include <atomic>

#include <gmock/gmock.h>

#include "eventually.h"

namespace hydra_clients::reconcile {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::eventually;
using Fetched = tl::expected<std::string, std::string>;

/// A remote whose state tests set, and a fetcher that asks it.
class FetcherTest : public testing::Test {
 protected:
  void start(std::chrono::milliseconds interval) {
    fetcher_ =
        std::make_unique<Fetcher>([this](const std::stop_token& stop) { return fetch(stop); },
                                  FetcherOptions{.interval = interval, .jitter = 0}, triggers_, metrics_);
  }
  void set(Fetched answer) {
    const std::scoped_lock lock(mutex_);
    answer_ = std::move(answer);
  }
  [[nodiscard]] bool counts(const std::string& line) const {
    return eventually([&] { return metrics_.exposition().find(line) != std::string::npos; });
  }
  std::string nextTrigger() { return triggers_.wait(steady_clock::now() + 30s, {}).reason; }
  bool noTrigger() { return triggers_.wait(steady_clock::now(), {}).reason == "interval"; }

  Triggers triggers_;
  telemetry::Metrics metrics_{"1", "abc"};
  std::atomic<int> fetches_{0};
  std::atomic<bool> hangs_{false};
  std::unique_ptr<Fetcher> fetcher_;

 private:
  Fetched fetch(const std::stop_token& stop) {
    ++fetches_;
    while (hangs_ && !stop.stop_requested()) std::this_thread::sleep_for(1ms);
    const std::scoped_lock lock(mutex_);
    return answer_;
  }

  std::mutex mutex_;
  Fetched answer_{"one"};
};

TEST_F(FetcherTest, FetchesAtOnceAndFromTimeToTime) {
  start(1s);
  EXPECT_EQ(nextTrigger(), "fetched one");
  EXPECT_TRUE(eventually([&] { return fetches_ > 1; }));
  EXPECT_TRUE(counts("hydra_clients_source_fetches_total{result=\"success\"} 2"));
  EXPECT_TRUE(noTrigger()) << "no news";
  set("two");
  EXPECT_EQ(nextTrigger(), "fetched two");
}

TEST_F(FetcherTest, AFailureIsNewsOnceAndItsEndIsToo) {
  set(tl::unexpected(std::string("away")));
  const auto begin = std::chrono::system_clock::now();
  start(1s);
  EXPECT_EQ(nextTrigger(), "a fetch failed");
  const auto failing = fetcher_->status();
  EXPECT_EQ(failing.error, "away");
  EXPECT_GE(failing.failingSince, begin);
  set(tl::unexpected(std::string("still away")));
  EXPECT_TRUE(eventually([&] { return fetcher_->status().error == "still away"; }));
  EXPECT_EQ(fetcher_->status().failingSince, failing.failingSince);
  EXPECT_TRUE(noTrigger());
  set("one");
  EXPECT_EQ(nextTrigger(), "fetched one");
  EXPECT_EQ(fetcher_->status().error, "");
  EXPECT_TRUE(counts("hydra_clients_source_fetches_total{result=\"failed\"} 2"));
}

TEST_F(FetcherTest, AFailureIsTriedAgainSoonerThanTheInterval) {
  set(tl::unexpected(std::string("away")));
  start(1h);
  EXPECT_TRUE(eventually([&] { return fetches_ >= 2; }));
}

TEST_F(FetcherTest, FetchesNowWhereItIsToldTo) {
  start(1h);
  EXPECT_EQ(nextTrigger(), "fetched one");
  set("two");
  fetcher_->fetchNow();
  EXPECT_EQ(nextTrigger(), "fetched two");
}

TEST_F(FetcherTest, IsWaitedForUntilTheFirstFetchHasEnded) {
  hangs_ = true;
  start(1h);
  std::atomic<int> beats{0};
  std::atomic<bool> waited{false};
  const std::jthread waiter([&] {
    fetcher_->waitForFirst({}, [&] { ++beats; });
    waited = true;
  });
  EXPECT_TRUE(eventually([&] { return beats > 0; }));
  EXPECT_FALSE(waited);
  hangs_ = false;
  EXPECT_TRUE(eventually([&] { return waited.load(); }));
  EXPECT_EQ(fetcher_->status().error, "");
}

TEST_F(FetcherTest, AWaitForTheFirstFetchCanBeEnded) {
  hangs_ = true;
  start(1h);
  EXPECT_TRUE(eventually([&] { return fetches_ > 0; }));
  std::stop_source stop;
  stop.request_stop();
  fetcher_->waitForFirst(stop.get_token(), [] {});
  fetcher_.reset();  // ends the fetch that is under way as well
  EXPECT_EQ(fetches_, 1);
  EXPECT_TRUE(noTrigger()) << "what was stopped is no failure";
}

}  // namespace
}  // namespace hydra_clients::reconcile

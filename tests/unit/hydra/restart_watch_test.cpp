#include "hydra/restart_watch.h"

#include <array>
#include <atomic>
#include <ctime>
#include <thread>

#include <gmock/gmock.h>
#include <sys/socket.h>

#include "eventually.h"
#include "no_descriptors.h"

namespace hydra_clients::hydra {
namespace {

using namespace std::chrono_literals;
using test::eventually;

std::string dateNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

/// A Hydra that tells its start time, and a connection of a socket pair whose other end the test holds.
class HeldHydra {
 public:
  struct Shared {
    std::mutex mutex;  ///< guards all below
    bool away = false;
    std::string startTime = "100";
    bool tellsStartTime = true;
    std::string date = dateNow();
    int requests = 0;
    int holds = 0;  ///< how often somebody asked for the connection, to hold it
    FileDescriptor ours, theirs;
  };

  std::shared_ptr<Shared> shared = std::make_shared<Shared>();

  /// Ends the connection; the next request makes a new one.
  void endConnection() {
    const std::scoped_lock lock(shared->mutex);
    shared->theirs = {};
  }
  void set(const std::function<void(Shared&)>& change) {
    const std::scoped_lock lock(shared->mutex);
    change(*shared);
  }
  int requests() {
    const std::scoped_lock lock(shared->mutex);
    return shared->requests;
  }

  int holds() {
    const std::scoped_lock lock(shared->mutex);
    return shared->holds;
  }

  [[nodiscard]] std::unique_ptr<Transport> transport() const { return std::make_unique<Way>(shared); }

 private:
  class Way final : public Transport {
   public:
    explicit Way(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
    tl::expected<Response, TransportError> send(const Request&) override {
      const std::scoped_lock lock(shared_->mutex);
      ++shared_->requests;
      if (shared_->away) return tl::unexpected(TransportError{TransportError::Kind::kConnect, false, "away"});
      if (!shared_->theirs.valid()) {
        int ends[2] = {-1, -1};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        shared_->ours = FileDescriptor(ends[0]);
        shared_->theirs = FileDescriptor(ends[1]);
      }
      Response response;
      response.status = shared_->tellsStartTime ? 200 : 404;
      response.headers.date = shared_->date;
      response.body = "# HELP x\nprocess_start_time_seconds " + shared_->startTime + "\nother 1\n";
      return response;
    }
    void cancelAll() override {}
    FileDescriptor keptConnection() override {
      const std::scoped_lock lock(shared_->mutex);
      ++shared_->holds;
      return FileDescriptor(dup(shared_->ours.get()));
    }

   private:
    std::shared_ptr<Shared> shared_;
  };
};

class RestartWatchTest : public testing::Test {
 protected:
  std::unique_ptr<RestartWatch> watch(RestartWatch::Pace pace = {1h, 0ms, 30s}) {
    return std::make_unique<RestartWatch>(
        hydra_.transport(), [this] { ++restarts_; }, pace);
  }
  bool held(int requests) {
    return eventually([&] { return hydra_.requests() >= requests; });
  }

  static constexpr Dialect kDialect{Family::kV2_2, {2, 3, 0}, true};
  static constexpr auto kQuiet = 100ms;
  HeldHydra hydra_;
  std::atomic<int> restarts_ = 0;
};

TEST_F(RestartWatchTest, IsQuietWhileTheConnectionHolds) {
  const auto watching = watch();
  watching->reached(kDialect, std::chrono::system_clock::now());
  ASSERT_TRUE(held(2));
  std::this_thread::sleep_for(kQuiet);
  EXPECT_EQ(hydra_.requests(), 2);
  EXPECT_EQ(restarts_, 0);
}

TEST_F(RestartWatchTest, AsksNobodyBeforeHydraWasReached) {
  const auto watching = watch();
  std::this_thread::sleep_for(kQuiet);
  EXPECT_EQ(hydra_.requests(), 0);
}

TEST_F(RestartWatchTest, TellsOfAHydraThatWentAwayAndThenLeavesItAlone) {
  const auto watching = watch();
  watching->reached(kDialect, std::chrono::system_clock::now());
  ASSERT_TRUE(held(2));
  hydra_.set([](auto& hydra) { hydra.away = true; });
  hydra_.endConnection();
  EXPECT_TRUE(eventually([&] { return restarts_ == 1; }));
  std::this_thread::sleep_for(kQuiet);
  EXPECT_EQ(hydra_.requests(), 3);
  hydra_.set([](auto& hydra) { hydra.away = false; });
  watching->reached(kDialect, std::chrono::system_clock::now());
  EXPECT_TRUE(held(5)) << "and holds it again when somebody has reached it";
}

TEST_F(RestartWatchTest, TellsOfOneThatIsBackAtOnceAsAnotherProcess) {
  const auto watching = watch();
  watching->reached(kDialect, std::chrono::system_clock::now());
  ASSERT_TRUE(held(2));
  hydra_.set([](auto& hydra) { hydra.startTime = "200"; });
  hydra_.endConnection();
  EXPECT_TRUE(eventually([&] { return restarts_ == 1; }));
}

TEST_F(RestartWatchTest, TellsOnceOfAProcessThatMayHaveStartedDuringTheCycleThatReachedIt) {
  hydra_.set([](auto& hydra) { hydra.startTime = std::to_string(std::time(nullptr)); });
  const auto watching = watch();
  watching->reached(kDialect, std::chrono::system_clock::now() - 10s);
  EXPECT_TRUE(eventually([&] { return restarts_ == 1; }));
  watching->reached(kDialect, std::chrono::system_clock::now());
  ASSERT_TRUE(held(3));
  std::this_thread::sleep_for(kQuiet);
  EXPECT_EQ(restarts_, 1);
}

TEST_F(RestartWatchTest, DoesNotTrustAnotherMachinesClock) {
  hydra_.set([](auto& hydra) { hydra.date = "Fri, 02 Jan 2026 00:00:00 GMT"; });
  const auto watching = watch();
  watching->reached(kDialect, std::chrono::system_clock::now());
  EXPECT_TRUE(eventually([&] { return restarts_ == 1; }));
}

TEST_F(RestartWatchTest, OverlooksTheEndOfAnIdleConnectionToTheSameProcess) {
  const auto watching = watch();
  watching->reached(kDialect, std::chrono::system_clock::now());
  ASSERT_TRUE(held(2));
  hydra_.endConnection();
  ASSERT_TRUE(held(4));
  std::this_thread::sleep_for(kQuiet);
  EXPECT_EQ(restarts_, 0);
  hydra_.set([](auto& hydra) { hydra.startTime = "200"; });
  hydra_.endConnection();
  EXPECT_TRUE(eventually([&] { return restarts_ == 1; })) << "the new connection is held as the old one was";
}

TEST_F(RestartWatchTest, SeesARestartBehindAProxyWhenItNextUsesTheConnection) {
  const auto watching = watch({20ms, 0ms, 30s});
  watching->reached(kDialect, std::chrono::system_clock::now());
  ASSERT_TRUE(held(4));
  hydra_.set([](auto& hydra) { hydra.startTime = "200"; });
  EXPECT_TRUE(eventually([&] { return restarts_ == 1; }));
}

TEST_F(RestartWatchTest, ReportsEndsThatNothingExplainsNotMoreOftenThanApart) {
  hydra_.set([](auto& hydra) { hydra.tellsStartTime = false; });
  const auto watching = watch();
  watching->reached(kDialect, std::chrono::system_clock::now());
  ASSERT_TRUE(held(2));
  hydra_.endConnection();
  EXPECT_TRUE(eventually([&] { return restarts_ == 1; }));
  watching->reached(kDialect, std::chrono::system_clock::now());
  ASSERT_TRUE(held(6));
  hydra_.endConnection();
  ASSERT_TRUE(held(8));
  std::this_thread::sleep_for(kQuiet);
  EXPECT_EQ(restarts_, 1);
}

TEST_F(RestartWatchTest, DoesNotSpinWhereConnectionsAreNeverKept) {
  const auto watching = watch({1h, 1h, 30s});
  watching->reached(kDialect, std::chrono::system_clock::now());
  ASSERT_TRUE(held(2));
  hydra_.endConnection();
  ASSERT_TRUE(held(4));
  hydra_.endConnection();
  std::this_thread::sleep_for(kQuiet);
  EXPECT_EQ(hydra_.requests(), 4);
}

TEST_F(RestartWatchTest, DoesNotSpinWhereAProxyLetsNobodyAtTheMetrics) {
  hydra_.set([](auto& hydra) { hydra.away = true; });
  const auto watching = watch({1h, 0ms, 30s, 10ms});
  watching->reached(kDialect, std::chrono::system_clock::now());
  EXPECT_TRUE(eventually([&] { return restarts_ == 1; }));
  watching->reached(kDialect, std::chrono::system_clock::now());  // by the cycle that this has begun
  ASSERT_TRUE(held(4)) << "it is asked again";
  EXPECT_EQ(restarts_, 1);
  hydra_.set([](auto& hydra) {
    hydra.away = false;
    hydra.startTime = std::to_string(std::time(nullptr) + 1);
  });
  EXPECT_TRUE(eventually([&] { return restarts_ == 2; }))
      << "a process that started since is told of at once";
}

TEST_F(RestartWatchTest, EndsAtOnceThoughNoDescriptorIsToBeHad) {
  constexpr auto kLongHold = 20s;
  auto watching = watch({kLongHold, 0ms, 30s});
  (void)hydra_.transport()->send({});  // which makes the connection
  const test::NoDescriptors none;
  watching->reached(kDialect, std::chrono::system_clock::now());
  ASSERT_TRUE(eventually([&] { return hydra_.holds() == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  watching.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kLongHold / 2);
}

TEST_F(RestartWatchTest, HoldsAConnectionAgainAfterOneThatEndedTooSoon) {
  const auto watching = watch({50ms, 1h, 30s});
  watching->reached(kDialect, std::chrono::system_clock::now());
  ASSERT_TRUE(eventually([&] { return hydra_.holds() == 1; }));
  hydra_.endConnection();  // long before an hour: taken for one that is not kept
  EXPECT_TRUE(eventually([&] { return hydra_.holds() >= 2; }))
      << "the next use of the connection tries again";
}

TEST(ProcessStartTime, IsReadFromPrometheusText) {
  EXPECT_EQ(processStartTime("a 1\nprocess_start_time_seconds 1.7e+09\nb 2\n"), "1.7e+09");
  EXPECT_EQ(processStartTime("# HELP process_start_time_seconds x\n"), std::nullopt);
}

}  // namespace
}  // namespace hydra_clients::hydra

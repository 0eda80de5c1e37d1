#include "reconcile/loop.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "client/rfc3339.h"
#include "connection_to.h"
#include "eventually.h"
#include "fake_hydra.h"
#include "manifests.h"
#include "memory_source.h"

namespace hydra_clients::reconcile {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::eventually;

TEST(Triggers, ThatArriveTogetherMakeOneCycle) {
  Triggers triggers;
  triggers.lookNow("SIGHUP");
  triggers.lookNow("POST /-/reconcile");
  EXPECT_EQ(triggers.wait(steady_clock::now() + 10s, {}).reason, "SIGHUP");
  EXPECT_EQ(triggers.wait(steady_clock::now() + 10ms, {}).reason, "interval");
}

TEST(Triggers, AreWokenByAStop) {
  Triggers triggers;
  std::stop_source stop;
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  const auto begin = steady_clock::now();
  EXPECT_EQ(triggers.wait(begin + 30s, stop.get_token()).reason, "");
  EXPECT_LT(steady_clock::now() - begin, 5s);
}

/// A loop on a thread of its own, over a Hydra and a source in memory.
class LoopTest : public testing::Test {
 protected:
  LoopTest() { source_.set("a.json", test::publicClient("a")); }

  test::FakeHydra hydra_;
  hydra::AdminApi api_{hydra_};
  test::MemorySource source_;
  manifest::SetReader reader_{manifest::ReadingOptions{}};
  hydra::ConnectionOptions connection_ = test::connectionTo("http://127.0.0.1:4445");
  Reconciler reconciler_{{source_, reader_, api_, connection_}, ImportOptions{}};
  telemetry::Metrics metrics_{"test", "test"};
  Announcer announcer_{metrics_};
  Triggers triggers_;
  HeartBeat heart_;
  StatusBoard board_{metrics_};
};

TEST_F(LoopTest, ImportsAtOnceAgainWhenToldToLookAndEndsWhenStopped) {
  LoopOptions options;
  options.interval = 1h;
  Loop loop(reconciler_, announcer_, triggers_, heart_, board_, options);
  std::stop_source stop;
  std::jthread thread([&] { loop.run(stop.get_token()); });
  EXPECT_TRUE(eventually([&] { return loop.ready() && hydra_.stored("a"); }));
  hydra_.remove("a");
  triggers_.lookNow("test");
  EXPECT_TRUE(eventually([&] { return hydra_.stored("a").has_value(); }));
  EXPECT_TRUE(heart_.alive(10s));
  stop.request_stop();
  thread.join();
  EXPECT_THAT(*board_.newest(), testing::HasSubstr("\"result\":\"success\""));
}

TEST_F(LoopTest, AFailedCycleIsTriedAgainWithinASecondWhateverTheInterval) {
  hydra_.setFault([](const hydra::Request&, const auto&) -> std::optional<test::FakeHydra::Answer> {
    return tl::unexpected(test::FakeHydra::lost(/*mayHaveArrived=*/false));
  });
  LoopOptions options;
  options.interval = 1h;
  Loop loop(reconciler_, announcer_, triggers_, heart_, board_, options);
  std::stop_source stop;
  std::jthread thread([&] { loop.run(stop.get_token()); });
  std::this_thread::sleep_for(100ms);
  EXPECT_FALSE(loop.ready());
  hydra_.setFault({});
  EXPECT_TRUE(eventually([&] { return hydra_.stored("a").has_value(); }));
  stop.request_stop();
}

TEST_F(LoopTest, AHydraThatSaysWhenToComeBackIsLeftAloneUntilThenAtMostForAnInterval) {
  std::atomic<int> requests = 0;
  hydra_.setFault([&](const hydra::Request&, const auto&) -> std::optional<test::FakeHydra::Answer> {
    ++requests;
    hydra::Response busy = test::FakeHydra::response(429, "");
    busy.headers.retryAfter = "3600";
    return busy;
  });
  LoopOptions options;
  options.interval = 1s;
  options.jitter = 0;
  Loop loop(reconciler_, announcer_, triggers_, heart_, board_, options);
  std::stop_source stop;
  std::jthread thread([&] { loop.run(stop.get_token()); });
  EXPECT_TRUE(eventually([&] { return requests > 0; }));
  const int first = requests;
  std::this_thread::sleep_for(500ms);
  EXPECT_EQ(requests, first);
  EXPECT_TRUE(eventually([&] { return requests > first; }));
  stop.request_stop();
}

TEST_F(LoopTest, TheStatusKeepsTheClientsOfTheLastGoodCycleWhileHydraIsAway) {
  LoopOptions options;
  options.interval = 1h;
  Loop loop(reconciler_, announcer_, triggers_, heart_, board_, options);
  std::stop_source stop;
  std::jthread thread([&] { loop.run(stop.get_token()); });
  EXPECT_TRUE(eventually([&] { return loop.ready(); }));
  hydra_.setFault([](const hydra::Request&, const auto&) -> std::optional<test::FakeHydra::Answer> {
    return tl::unexpected(test::FakeHydra::lost(/*mayHaveArrived=*/false));
  });
  triggers_.lookNow("test");
  EXPECT_TRUE(
      eventually([&] { return board_.newest()->find("\"result\":\"failed\"") != std::string::npos; }));
  const json::Value status = json::parse(*board_.newest()).value();
  EXPECT_EQ(json::at(status, "/clients/0/client_id")->text, "a");
  EXPECT_FALSE(json::at(status, "/clients_from")->isNull());
  stop.request_stop();
}

TEST_F(LoopTest, SaysOfEachCycleItsNumberAndWhenTheNextOneComes) {
  LoopOptions options;
  options.interval = 1h;
  Loop loop(reconciler_, announcer_, triggers_, heart_, board_, options);
  EXPECT_EQ(loop.nextNumber(), 1U);
  std::stop_source stop;
  std::jthread thread([&] { loop.run(stop.get_token()); });
  const auto shown = [&](std::string_view pointer) {
    const json::Value document = json::parse(*board_.newest()).value();
    const json::Value* value = json::at(document, pointer);
    return value != nullptr ? value->text : "";
  };
  EXPECT_TRUE(eventually([&] { return shown("/cycle") == "1"; }));
  const auto next = parseRfc3339(shown("/next_cycle"));
  ASSERT_TRUE(next.has_value());
  EXPECT_GT(*next, std::chrono::system_clock::now() + 30min);
  EXPECT_LT(*next, std::chrono::system_clock::now() + 90min);
  EXPECT_EQ(loop.nextNumber(), 2U) << "a change that is made now is seen by the second";
  triggers_.lookNow("test");
  EXPECT_TRUE(eventually([&] { return shown("/cycle") == "2"; }));
  stop.request_stop();
}

TEST_F(LoopTest, AnOverdueClientDoesNotMakeFailedCyclesSpin) {
  std::atomic<int> lists = 0;
  source_.set("a.json", test::publicClient("a", R"("client_name":"refuse me",)"));
  hydra_.setFault([&](const hydra::Request& request, const auto&) -> std::optional<test::FakeHydra::Answer> {
    if (request.method == hydra::Method::kPost) return test::FakeHydra::response(403, "forbidden");
    if (request.target.starts_with("/admin/clients?")) ++lists;
    return std::nullopt;
  });
  LoopOptions options;
  options.interval = 1h;
  Loop loop(reconciler_, announcer_, triggers_, heart_, board_, options);
  std::stop_source stop;
  std::jthread thread([&] { loop.run(stop.get_token()); });
  std::this_thread::sleep_for(1500ms);
  stop.request_stop();
  thread.join();
  EXPECT_GE(lists, 2);
  EXPECT_LE(lists, 10);
}

}  // namespace
}  // namespace hydra_clients::reconcile

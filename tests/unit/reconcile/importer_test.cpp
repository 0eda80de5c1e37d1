#include "reconcile/importer.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <new>
#include <thread>

#include <gmock/gmock.h>

#include "importer_fixture.h"

namespace hydra_clients::reconcile {
namespace {

using namespace std::chrono_literals;
using hydra::Method;
using hydra::Request;
using test::Commit;
using test::FakeHydra;
using test::ImporterTest;
using test::kHydrasFault;
using test::publicClient;
using test::setOf;
using testing::HasSubstr;
using Kind = ImportResult::Kind;

std::vector<std::string> manyClients(int count) {
  std::vector<std::string> clients;
  for (int i = 0; i < count; ++i) clients.push_back(publicClient("client-" + std::to_string(i)));
  return clients;
}

TEST_F(ImporterTest, ImportsEachClientOnceSideBySide) {
  const auto clients = manyClients(300);
  for (const ImportResult& result : import(setOf(test::arrayOf(clients))))
    EXPECT_EQ(result.kind, Kind::kImported);
  EXPECT_EQ(hydra_.posts(), 300U);
  EXPECT_EQ(hydra_.clients(), 300U);
}

TEST_F(ImporterTest, GivesTheResultsInTheOrderOfTheManifests) {
  const auto results =
      import(setOf(test::arrayOf({publicClient("b"), publicClient("a"), publicClient("c")})));
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].id, "a");
  EXPECT_EQ(results[2].id, "c");
}

TEST_F(ImporterTest, OneRefusedClientAmongAHundredStopsNoOther) {
  auto clients = manyClients(100);
  clients.push_back(publicClient("refused", R"("client_name":"refuse me",)"));
  std::size_t imported = 0;
  std::size_t refused = 0;
  for (const ImportResult& result : import(setOf(test::arrayOf(clients)))) {
    imported += result.kind == Kind::kImported ? 1 : 0;
    refused += result.kind == Kind::kRefused ? 1 : 0;
  }
  EXPECT_EQ(imported, 100U);
  EXPECT_EQ(refused, 1U);
}

TEST_F(ImporterTest, AnotherReplicasEqualClientIsInSync) {
  hydra_.put("a", publicClient("a"));
  EXPECT_EQ(importOne().kind, Kind::kInSync);
}

TEST_F(ImporterTest, AnotherReplicasDifferentClientIsAConflict) {
  hydra_.put("a", publicClient("a", R"("owner":"x",)"));
  const ImportResult result = importOne({}, publicClient("a", R"("owner":"y",)"));
  EXPECT_EQ(result.kind, Kind::kConflict);
  ASSERT_EQ(result.differences.size(), 1U);
  EXPECT_EQ(inWords(result.differences[0]), R"(owner: the manifest has "y", Hydra has "x")");
}

TEST_F(ImporterTest, ForTheOneShotCommandAnExistingClientIsAFailureEvenIfEqual) {
  hydra_.put("a", publicClient("a"));
  const ImportResult result = importOne(oneShot());
  EXPECT_EQ(result.kind, Kind::kExists);
  EXPECT_THAT(result.message, HasSubstr("exists already"));
}

TEST_F(ImporterTest, ABusyHydraIsAskedAgainAfterTheTimeItNames) {
  onPosts(1, [](const Request&, const Commit&) {
    hydra::Response busy = FakeHydra::response(429, "");
    busy.headers.retryAfter = "1";
    return busy;
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(importOne(patient()).kind, Kind::kImported);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 950ms);
}

TEST_F(ImporterTest, TriesEndAtFailAfter) {
  onPosts(1'000, [](const Request&, const Commit&) { return FakeHydra::response(500, kHydrasFault); });
  ImportOptions options;
  options.failAfter = 300ms;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(importOne(std::move(options)).kind, Kind::kRetrying);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST_F(ImporterTest, OneClientsRetriesDelayNoOther) {
  hydra_.setFault([this](const Request& request, const Commit& commit) -> std::optional<FakeHydra::Answer> {
    if (request.method != Method::kPost) return std::nullopt;
    const auto body = request.body->reveal(Purpose::kPostBody);
    if (body.find("\"bad-") != std::string_view::npos) return FakeHydra::response(503, "");
    FakeHydra::Answer answer = commit();
    if (hydra_.clients() == 50) stop_.request_stop();  // else it would go on for minutes
    return answer;
  });
  std::vector<std::string> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(publicClient("bad-" + std::to_string(i)));
  for (int i = 0; i < 50; ++i) clients.push_back(publicClient("good-" + std::to_string(i)));
  ImportOptions options;
  options.parallelism = 2;
  options.failAfter = 10min;
  import(setOf(test::arrayOf(clients)), std::move(options));
  EXPECT_EQ(hydra_.clients(), 50U);
}

TEST_F(ImporterTest, ManyForeignAnswersInARowMeanThatNobodyIsServed) {
  onPosts(1'000, [](const Request&, const Commit&) {
    return FakeHydra::response(403, R"({"error":"forbidden by the proxy"})");
  });
  const auto clients = manyClients(200);
  ImportOptions options = patient();
  options.parallelism = 4;
  const auto results = import(setOf(test::arrayOf(clients)), std::move(options));
  ASSERT_TRUE(fault_);
  EXPECT_LE(hydra_.posts(), 10U + 4U);
  EXPECT_EQ(results.back().kind, Kind::kStopped);
}

TEST_F(ImporterTest, AHydraThatSaysWhenToComeBackIsNotAway) {
  const auto first = std::make_shared<std::atomic<bool>>(true);
  onPosts(1'000, [first](const Request&, const Commit&) -> FakeHydra::Answer {
    if (first->exchange(false)) return tl::unexpected(FakeHydra::lost(false));
    hydra::Response busy = FakeHydra::response(429, "");
    busy.headers.retryAfter = "60";
    return busy;
  });
  ImportOptions options;  // of the loop
  options.parallelism = 1;
  const auto results =
      import(setOf(test::arrayOf({publicClient("a"), publicClient("b")})), std::move(options));
  EXPECT_FALSE(fault_) << "one connection was refused";
  EXPECT_EQ(results[1].retryAfter, std::chrono::seconds(60));
}

TEST_F(ImporterTest, AHydraThatWentAwayIsNotKnockedAtForEachClient) {
  onPosts(1'000, [](const Request&, const Commit&) { return tl::unexpected(FakeHydra::lost(false)); });
  const auto clients = manyClients(200);
  ImportOptions options = patient();
  options.parallelism = 4;
  const auto results = import(setOf(test::arrayOf(clients)), std::move(options));
  ASSERT_TRUE(fault_);
  EXPECT_EQ(fault_->kind, hydra::AdminError::Kind::kUnreachable);
  EXPECT_LE(hydra_.posts(), 10U + 4U);
  EXPECT_EQ(results.back().kind, Kind::kStopped);
}

TEST_F(ImporterTest, AHydraThatFallsSilentIsNotWaitedForWithEachClient) {
  hydra_.setFault([this](const Request&, const Commit&) -> std::optional<FakeHydra::Answer> {
    if (hydra_.clients() < 20) return std::nullopt;
    return tl::unexpected(FakeHydra::lost(true));
  });
  ImportOptions options = patient();
  options.parallelism = 4;
  const auto results = import(setOf(test::arrayOf(manyClients(200))), std::move(options));
  ASSERT_TRUE(fault_);
  EXPECT_EQ(hydra_.clients(), 20U);
  EXPECT_LE(hydra_.posts(), 20U + 10U + 4U);
  EXPECT_EQ(results.back().kind, Kind::kStopped);
}

TEST_F(ImporterTest, AHydraThatAnswersNoPostButIsThereIsNotAway) {
  onPosts(1'000, [](const Request&, const Commit&) { return tl::unexpected(FakeHydra::lost(true)); });
  const auto results = import(setOf(test::arrayOf(manyClients(20))));
  EXPECT_FALSE(fault_) << "each GET was answered";
  EXPECT_EQ(std::ranges::count(results, Kind::kRetrying, &ImportResult::kind), 0) << "each POST may yet come";
  EXPECT_EQ(std::ranges::count(results, Kind::kUnknown, &ImportResult::kind), 20);
}

TEST_F(ImporterTest, TheOneShotCommandWaitsForASilentHydraOnceAndNotWithEachClient) {
  hydra_.setFault([](const Request&, const Commit&) -> std::optional<FakeHydra::Answer> {
    std::this_thread::sleep_for(50ms);
    return tl::unexpected(FakeHydra::lost(true));
  });
  ImportOptions options = oneShot();
  options.parallelism = 2;
  options.failAfter = options.patience = 500ms;
  const auto results = import(setOf(test::arrayOf(manyClients(200)), /*forImport=*/true), std::move(options));
  EXPECT_TRUE(fault_);
  EXPECT_LE(hydra_.posts(), 30U);
  EXPECT_EQ(results.back().kind, Kind::kStopped);
}

TEST_F(ImporterTest, TheOneShotCommandWaitsForAHydraThatIsAway) {
  onPosts(30, [](const Request&, const Commit&) { return tl::unexpected(FakeHydra::lost(false)); });
  const auto clients = manyClients(20);
  import(setOf(test::arrayOf(clients)), oneShot());
  EXPECT_FALSE(fault_);
  EXPECT_EQ(hydra_.clients(), 20U);
}

TEST_F(ImporterTest, AFirewallsNoToOneClientStopsNoOther) {
  hydra_.setFault([](const Request& request, const Commit&) -> std::optional<FakeHydra::Answer> {
    const bool dubious =
        request.method == Method::kPost &&
        request.body->reveal(Purpose::kPostBody).find("\"dubious\"") != std::string_view::npos;
    if (!dubious) return std::nullopt;
    return FakeHydra::response(403, "<html><title>Blocked</title></html>");
  });
  std::vector<std::string> clients = {publicClient("dubious")};
  for (int i = 0; i < 100; ++i) clients.push_back(publicClient("client-" + std::to_string(i)));
  const auto results = import(setOf(test::arrayOf(clients)), patient());
  EXPECT_FALSE(fault_);
  EXPECT_EQ(hydra_.clients(), 100U);
  EXPECT_EQ(std::ranges::count(results, Kind::kRetrying, &ImportResult::kind), 1);
}

TEST_F(ImporterTest, WhereTheOnlyAnswersAreForeignNobodyIsServed) {
  onPosts(1, [](const Request&, const Commit&) { return FakeHydra::response(401, "who are you?"); });
  importOne(patient());
  EXPECT_TRUE(fault_);
}

TEST_F(ImporterTest, FailFastStopsAtTheFirstFailure) {
  std::vector<std::string> clients = {publicClient("0", R"("client_name":"refuse me",)")};
  for (int i = 1; i < 100; ++i) clients.push_back(publicClient(std::to_string(100 + i)));
  ImportOptions options = oneShot();
  options.parallelism = 1;
  options.failFast = true;
  const auto results = import(setOf(test::arrayOf(clients), /*forImport=*/true), std::move(options));
  EXPECT_EQ(hydra_.posts(), 1U);
  EXPECT_EQ(results.back().kind, Kind::kStopped);
}

TEST_F(ImporterTest, AStopEndsItSoonAndWhatIsUnderWayIsFinished) {
  hydra_.setFault([this](const Request& request, const Commit&) -> std::optional<FakeHydra::Answer> {
    if (request.method == Method::kPost && hydra_.posts() > 20) stop_.request_stop();
    return std::nullopt;
  });
  std::vector<std::string> clients;
  for (int i = 0; i < 1'000; ++i) clients.push_back(publicClient("client-" + std::to_string(i)));
  const auto results = import(setOf(test::arrayOf(clients)));
  const auto imported = std::count_if(results.begin(), results.end(), [](const ImportResult& result) {
    return result.kind == Kind::kImported;
  });
  EXPECT_EQ(static_cast<std::size_t>(imported), hydra_.clients());
  EXPECT_LT(imported, 100);
}

TEST_F(ImporterTest, AWaitThatDoesNotFitIntoFailAfterIsNotBegun) {
  onPosts(1'000, [](const Request&, const Commit&) {
    hydra::Response busy = FakeHydra::response(429, "");
    busy.headers.retryAfter = "60";
    return busy;
  });
  EXPECT_EQ(importOne(patient()).kind, Kind::kRetrying);
  EXPECT_EQ(hydra_.posts(), 1U);
}

TEST_F(ImporterTest, ResultsAreToldInTheOrderOfTheManifestsOnTheCallersThread) {
  const auto clients = manyClients(200);
  const auto set = setOf(test::arrayOf(clients));
  std::vector<std::size_t> told;
  const auto caller = std::this_thread::get_id();
  Importer importer(api_, patient());
  importer.importAll(set->manifests, stop_.get_token(), [&](std::size_t index, const ImportResult&) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    told.push_back(index);
    return true;
  });
  ASSERT_EQ(told.size(), 200U);
  EXPECT_TRUE(std::ranges::is_sorted(told));
}

TEST_F(ImporterTest, NoMoreClientsAreBegunThanMayBeAheadOfTheFirstUntoldOne) {
  std::vector<std::string> clients = {publicClient("0-slow")};
  for (int i = 0; i < 100; ++i) clients.push_back(publicClient("1-client-" + std::to_string(i)));
  std::promise<void> release;
  auto released = release.get_future().share();
  hydra_.setFault([released](const Request& request, const Commit&) -> std::optional<FakeHydra::Answer> {
    if (request.method == Method::kPost &&
        request.body->reveal(Purpose::kPostBody).find("0-slow") != std::string_view::npos) {
      released.wait();
    }
    return std::nullopt;
  });
  ImportOptions options = patient();
  options.mostAhead = 10;
  const auto set = setOf(test::arrayOf(clients));
  Importer importer(api_, options);
  std::vector<ImportResult> results;
  std::thread importing([&] { results = importer.importAll(set->manifests, stop_.get_token()); });
  while (hydra_.posts() < 10) std::this_thread::yield();
  std::this_thread::sleep_for(100ms);  // time enough for one too many
  EXPECT_EQ(hydra_.posts(), 10U);
  release.set_value();
  importing.join();
  EXPECT_EQ(hydra_.clients(), 101U);
}

TEST_F(ImporterTest, AnObserverThatSaysNoEndsIt) {
  std::vector<std::string> clients;
  for (int i = 0; i < 1'000; ++i) clients.push_back(publicClient("client-" + std::to_string(i)));
  const auto set = setOf(test::arrayOf(clients));
  ImportOptions options = patient();
  options.mostAhead = 10;
  Importer importer(api_, options);
  std::size_t told = 0;
  importer.importAll(set->manifests, stop_.get_token(), [&](std::size_t, const ImportResult&) {
    ++told;
    return false;
  });
  EXPECT_EQ(told, 1'000U) << "each is told, those that were not begun too";
  EXPECT_LT(hydra_.posts(), 50U);
}

TEST_F(ImporterTest, AFaultInOneClientsWorkStopsNoOther) {
  ImportOptions options = oneShot();
  options.secrets.seal = [](const Secret&) -> tl::expected<std::string, std::string> {
    throw std::bad_alloc();
  };
  const auto set =
      setOf(test::arrayOf({publicClient("a"), R"({"client_id":"b","scope":"x"})"}), /*forImport=*/true);
  const auto results = import(set, std::move(options));
  EXPECT_EQ(results[0].kind, Kind::kImported);
  EXPECT_EQ(results[1].kind, Kind::kRetrying);
}

TEST_F(ImporterTest, AFaultOfOurOwnAfterThePostLosesNoGeneratedSecret) {
  hydra_.setFault([](const auto& request, const auto& commit) -> std::optional<test::FakeHydra::Answer> {
    if (request.method != hydra::Method::kPost) return std::nullopt;
    (void)commit();
    throw std::bad_alloc();
  });
  const ImportResult result = importOne(oneShot(), R"({"client_id":"a","scope":"x"})");
  EXPECT_EQ(result.kind, Kind::kUnknown);
  EXPECT_TRUE(result.generated);
}

TEST_F(ImporterTest, AClientWithoutAnIdGetsARandomUuid) {
  const ImportResult result = importOne(oneShot(), R"({"token_endpoint_auth_method":"none","scope":"a"})");
  EXPECT_EQ(result.kind, Kind::kImported);
  EXPECT_EQ(result.id.size(), 36U);
  EXPECT_TRUE(hydra_.stored(result.id));
}

TEST_F(ImporterTest, AGeneratedSecretIsSealedBeforeAnythingIsSent) {
  ImportOptions options = oneShot();
  options.secrets.seal = [this](const Secret&) -> tl::expected<std::string, std::string> {
    EXPECT_EQ(hydra_.posts(), 0U);
    return tl::unexpected(std::string("no key"));
  };
  const ImportResult result = importOne(std::move(options), R"({"client_id":"a","scope":"x"})");
  EXPECT_EQ(result.kind, Kind::kWaiting);
  EXPECT_THAT(result.message, HasSubstr("no key"));
  EXPECT_EQ(hydra_.posts(), 0U);
}

TEST_F(ImporterTest, AClientWithoutASecretIsNotSentByTheLoop) {
  const ImportResult result = importOne({}, R"({"client_id":"a","scope":"x"})");
  EXPECT_EQ(result.kind, Kind::kWaiting);
  EXPECT_EQ(hydra_.posts(), 0U);
}

}  // namespace
}  // namespace hydra_clients::reconcile

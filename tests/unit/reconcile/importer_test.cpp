#include "reconcile/importer.h"

#include <atomic>

#include <gmock/gmock.h>

#include "fake_hydra.h"
#include "manifests.h"

namespace hydra_clients::reconcile {
namespace {

using namespace std::chrono_literals;
using hydra::Method;
using hydra::Request;
using test::FakeHydra;
using test::publicClient;
using test::setOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = ImportResult::Kind;
using Commit = std::function<FakeHydra::Answer()>;

class ImporterTest : public testing::Test {
 protected:
  ImporterTest() { EXPECT_TRUE(api_.detect()); }

  std::vector<ImportResult> import(const manifest::ManifestSetPtr& set, ImportOptions options = {}) {
    Importer importer(api_, std::move(options));
    auto results = importer.importAll(set->manifests, stop_.get_token());
    fault_ = importer.fault();
    return results;
  }

  ImportResult importOne(ImportOptions options = {}, const std::string& manifest = publicClient("a")) {
    return std::move(import(setOf(manifest, options.existingFails), std::move(options)).at(0));
  }

  /// The first `times` POSTs go through `fault`.
  void onPosts(int times, FakeHydra::Fault fault) {
    auto left = std::make_shared<std::atomic<int>>(times);
    hydra_.setFault(
        [left, fault](const Request& request, const Commit& commit) -> std::optional<FakeHydra::Answer> {
          if (request.method != Method::kPost || left->fetch_sub(1) <= 0) return std::nullopt;
          return fault(request, commit);
        });
  }

  static ImportOptions patient() {
    ImportOptions options;
    options.failAfter = 5s;
    return options;
  }
  static ImportOptions oneShot() {
    ImportOptions options = patient();
    options.existingFails = true;
    options.secrets.generate = true;
    return options;
  }

  FakeHydra hydra_;
  hydra::AdminApi api_{hydra_};
  std::stop_source stop_;
  std::optional<hydra::AdminError> fault_;
};

TEST_F(ImporterTest, ImportsEachClientOnceSideBySide) {
  std::vector<std::string> clients;
  for (int i = 0; i < 300; ++i) clients.push_back(publicClient("client-" + std::to_string(i)));
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
  std::vector<std::string> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(publicClient("client-" + std::to_string(i)));
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
  EXPECT_THAT(result.fields, ElementsAre("owner"));
}

TEST_F(ImporterTest, ForTheOneShotCommandAnExistingClientIsAFailureEvenIfEqual) {
  hydra_.put("a", publicClient("a"));
  const ImportResult result = importOne(oneShot());
  EXPECT_EQ(result.kind, Kind::kExists);
  EXPECT_THAT(result.message, HasSubstr("exists already"));
}

TEST_F(ImporterTest, ALostAnswerAfterTheCommitIsResolvedByReadingBack) {
  onPosts(1, [](const Request&, const Commit& commit) {
    EXPECT_TRUE(commit());
    return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true));
  });
  EXPECT_EQ(importOne(oneShot()).kind, Kind::kImported);
  EXPECT_EQ(hydra_.posts(), 1U) << "nothing was sent twice";
}

TEST_F(ImporterTest, ALostAnswerBeforeTheCommitIsSentAgain) {
  onPosts(2, [](const Request&, const Commit&) {
    return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true));
  });
  EXPECT_EQ(importOne(patient()).kind, Kind::kImported);
  EXPECT_EQ(hydra_.posts(), 3U);
  EXPECT_EQ(hydra_.clients(), 1U);
}

TEST_F(ImporterTest, ALateCommitOfTheFirstTryIsRecognisedBySecretAndStamp) {
  std::string late;
  onPosts(1, [&](const Request& request, const Commit&) {
    late = std::string(request.body->reveal(Purpose::kPostBody));
    return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true));
  });
  // The GET that follows says 404; the first POST commits only then.
  const std::string manifest = R"({"client_id":"a","scope":"openid"})";
  auto left = std::make_shared<std::atomic<int>>(1);
  hydra_.setFault(
      [&, left](const Request& request, const Commit& commit) -> std::optional<FakeHydra::Answer> {
        if (request.method == Method::kPost && left->fetch_sub(1) > 0) {
          late = std::string(request.body->reveal(Purpose::kPostBody));
          return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true));
        }
        if (request.method == Method::kGet && !late.empty()) {
          FakeHydra::Answer missing = commit();
          hydra_.put("a", std::exchange(late, ""));
          return missing;
        }
        return std::nullopt;
      });
  const ImportResult result = importOne(oneShot(), manifest);
  EXPECT_EQ(result.kind, Kind::kImported);
  ASSERT_TRUE(result.generated);
  EXPECT_THAT(*hydra_.stored("a"), HasSubstr(std::string(result.generated->reveal(Purpose::kImportOutput))));
  EXPECT_EQ(hydra_.posts(), 2U);
}

TEST_F(ImporterTest, AServerFaultAfterTheCommitIsResolvedByReadingBack) {
  onPosts(1, [](const Request&, const Commit& commit) {
    EXPECT_TRUE(commit());
    return FakeHydra::response(500, R"({"error":"error","error_description":"The error is unrecognizable"})");
  });
  EXPECT_EQ(importOne(oneShot()).kind, Kind::kImported);
  EXPECT_EQ(hydra_.posts(), 1U);
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
  onPosts(1'000, [](const Request&, const Commit&) { return FakeHydra::response(503, ""); });
  ImportOptions options;
  options.failAfter = 300ms;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(importOne(std::move(options)).kind, Kind::kRetrying);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST_F(ImporterTest, OneClientsRetriesDelayNoOther) {
  hydra_.setFault([](const Request& request, const Commit&) -> std::optional<FakeHydra::Answer> {
    if (request.method != Method::kPost) return std::nullopt;
    const auto body = request.body->reveal(Purpose::kPostBody);
    if (body.find("\"bad-") == std::string_view::npos) return std::nullopt;
    return FakeHydra::response(503, "");
  });
  std::vector<std::string> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(publicClient("bad-" + std::to_string(i)));
  for (int i = 0; i < 50; ++i) clients.push_back(publicClient("good-" + std::to_string(i)));
  ImportOptions options;
  options.parallelism = 2;
  options.failAfter = 1s;
  const auto begin = std::chrono::steady_clock::now();
  Importer importer(api_, options);
  std::chrono::steady_clock::time_point lastGood;
  const auto set = setOf(test::arrayOf(clients));
  importer.importAll(set->manifests, stop_.get_token(), [&](std::size_t, const ImportResult& result) {
    if (result.kind == Kind::kImported) lastGood = std::chrono::steady_clock::now();
  });
  EXPECT_EQ(hydra_.clients(), 50U);
  EXPECT_LT(lastGood - begin, 500ms);
}

TEST_F(ImporterTest, AnAnswerThatConcernsEverybodyEndsTheCycle) {
  onPosts(1'000, [](const Request&, const Commit&) {
    return FakeHydra::response(403, R"({"error":"forbidden by the proxy"})");
  });
  std::vector<std::string> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(publicClient("client-" + std::to_string(i)));
  ImportOptions options = patient();
  options.parallelism = 4;
  import(setOf(test::arrayOf(clients)), std::move(options));
  ASSERT_TRUE(fault_);
  EXPECT_LE(hydra_.posts(), 8U);
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

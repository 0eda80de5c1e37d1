// A POST of which nobody knows whether it was carried out: tests/faults drives the same through the program.

#include <atomic>
#include <memory>

#include <gmock/gmock.h>

#include "importer_fixture.h"

namespace hydra_clients::reconcile {
namespace {

using namespace std::chrono_literals;
using hydra::Method;
using hydra::Request;
using test::Commit;
using test::FakeHydra;
using test::kHydrasFault;
using test::publicClient;
using testing::HasSubstr;
using Kind = ImportResult::Kind;

class ImporterInDoubt : public test::ImporterTest {};

TEST_F(ImporterInDoubt, ALostAnswerAfterTheCommitIsResolvedByReadingBack) {
  onPosts(1, [](const Request&, const Commit& commit) {
    EXPECT_TRUE(commit());
    return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true));
  });
  EXPECT_EQ(importOne(oneShot()).kind, Kind::kImported);
  EXPECT_EQ(hydra_.posts(), 1U) << "nothing was sent twice";
}

TEST_F(ImporterInDoubt, ALostAnswerBeforeTheCommitIsSentAgain) {
  onPosts(2, [](const Request&, const Commit&) {
    return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true));
  });
  EXPECT_EQ(importOne(patient()).kind, Kind::kImported);
  EXPECT_EQ(hydra_.posts(), 3U);
  EXPECT_EQ(hydra_.clients(), 1U);
}

TEST_F(ImporterInDoubt, ALateCommitOfTheFirstTryIsRecognisedBySecretAndStamp) {
  commitLate(tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true)));
  const ImportResult result = importOne(oneShot(), R"({"client_id":"a","scope":"openid"})");
  EXPECT_EQ(result.kind, Kind::kImported);
  ASSERT_TRUE(result.generated);
  EXPECT_THAT(*hydra_.stored("a"), HasSubstr(std::string(result.generated->reveal(Purpose::kImportOutput))));
  EXPECT_EQ(hydra_.posts(), 2U);
}

TEST_F(ImporterInDoubt, IsGivenUpForAsLongAsHydraSaid) {
  hydra_.setFault([](const Request& request, const Commit&) -> std::optional<FakeHydra::Answer> {
    if (request.method == Method::kGet) return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true));
    FakeHydra::Answer busy = FakeHydra::response(503, "");
    busy->headers.retryAfter = "90";
    return busy;
  });
  const ImportResult result = importOne(patient());
  EXPECT_EQ(result.kind, Kind::kUnknown);
  EXPECT_EQ(result.retryAfter, 90s);
}

TEST_F(ImporterInDoubt, ALateCommitAfterAnAnsweredFaultIsRecognised) {
  for (const std::string& manifest :
       {std::string(R"({"client_id":"a","scope":"openid"})"), publicClient("a")}) {
    hydra_.remove("a");
    commitLate(FakeHydra::response(500, kHydrasFault));
    EXPECT_EQ(importOne(oneShot(), manifest).kind, Kind::kImported) << manifest;
  }
  EXPECT_EQ(hydra_.posts(), 4U);
}

TEST_F(ImporterInDoubt, ARefusalOfALaterTrySaysNothingOfTheFirst) {
  const auto tries = std::make_shared<std::atomic<int>>(0);
  onPosts(2, [tries](const Request&, const Commit&) -> FakeHydra::Answer {
    if (tries->fetch_add(1) == 0) return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true));
    return FakeHydra::response(400, R"({"error":"invalid_client_metadata","error_description":"no"})");
  });
  const ImportResult result = importOne(oneShot(), R"({"client_id":"a","scope":"x"})");
  EXPECT_EQ(result.kind, Kind::kUnknown);
  EXPECT_TRUE(result.generated);
  EXPECT_EQ(hydra_.posts(), 2U);
}

TEST_F(ImporterInDoubt, APostThatAGatewaySentTwiceIsKnownByItsStamp) {
  onPosts(1, [](const Request&, const Commit& commit) {
    EXPECT_TRUE(commit());
    return commit();
  });
  const ImportResult result = importOne(oneShot(), R"({"client_id":"a","scope":"x"})");
  EXPECT_EQ(result.kind, Kind::kImported);
  EXPECT_TRUE(result.generated);
}

TEST_F(ImporterInDoubt, AnExistingClientThatCannotBeReadBackIsUnknownWithItsSecret) {
  hydra_.setFault([](const Request& request, const Commit& commit) -> std::optional<FakeHydra::Answer> {
    if (request.method == Method::kGet) return FakeHydra::response(503, "");
    EXPECT_TRUE(commit());
    return commit();
  });
  ImportOptions options = oneShot();
  options.failAfter = 200ms;
  const ImportResult result = importOne(std::move(options), R"({"client_id":"a","scope":"x"})");
  EXPECT_EQ(result.kind, Kind::kUnknown);
  EXPECT_TRUE(result.generated);
}

TEST_F(ImporterInDoubt, AnotherActorsClientOfThatIdIsNotTakenForAnImportWithAGeneratedSecret) {
  hydra_.put("a", R"({"client_id":"a","scope":"x"})");
  const ImportResult result = importOne(oneShot(), R"({"client_id":"a","scope":"x"})");
  EXPECT_EQ(result.kind, Kind::kExists);
  EXPECT_FALSE(result.generated);
}

TEST_F(ImporterInDoubt, AServerFaultAfterTheCommitIsResolvedByReadingBack) {
  onPosts(1, [](const Request&, const Commit& commit) {
    EXPECT_TRUE(commit());
    return FakeHydra::response(500, kHydrasFault);
  });
  EXPECT_EQ(importOne(oneShot()).kind, Kind::kImported);
  EXPECT_EQ(hydra_.posts(), 1U);
}

TEST_F(ImporterInDoubt, AStoppedPostIsToldAsUnknownWithItsSecretAndItsStamp) {
  std::string sent;
  onPosts(1, [&](const Request& request, const Commit&) {
    sent = std::string(request.body->reveal(Purpose::kPostBody));
    stop_.request_stop();
    return tl::unexpected(hydra::TransportError{hydra::TransportError::Kind::kCancelled, true, "stopped"});
  });
  const ImportResult result = importOne(oneShot(), R"({"client_id":"a","scope":"x"})");
  EXPECT_EQ(result.kind, Kind::kUnknown);
  EXPECT_THAT(result.message, HasSubstr("whether the client was created is not known"));
  ASSERT_TRUE(result.generated);
  EXPECT_THAT(sent, HasSubstr(std::string(result.generated->reveal(Purpose::kImportOutput))));
  const auto body = json::parse(sent);
  ASSERT_TRUE(body);
  EXPECT_THAT(result.message, HasSubstr(json::at(*body, "/metadata/hydra_clients/import")->text));
}

TEST_F(ImporterInDoubt, WhatIsInDoubtIsLookedUpOnceMoreWhenItIsStopped) {
  onPosts(1, [&](const Request&, const Commit& commit) {
    EXPECT_TRUE(commit());
    return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true));
  });
  const auto left = std::make_shared<std::atomic<int>>(1);
  hydra_.setFault(
      [&, left](const Request& request, const Commit& commit) -> std::optional<FakeHydra::Answer> {
        if (request.method == Method::kPost) {
          EXPECT_TRUE(commit());
          return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true));
        }
        if (left->fetch_sub(1) <= 0) return std::nullopt;
        stop_.request_stop();
        return FakeHydra::response(503, "");
      });
  EXPECT_EQ(importOne(oneShot()).kind, Kind::kImported);
}

TEST_F(ImporterInDoubt, APostThatMayStillCommitStaysInDoubtThoughTheClientIsNotThereYet) {
  onPosts(1'000, [](const Request&, const Commit&) {
    return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/true));
  });
  ImportOptions options = oneShot();
  options.failAfter = 200ms;
  EXPECT_EQ(importOne(std::move(options), R"({"client_id":"a","scope":"x"})").kind, Kind::kUnknown);
}

TEST_F(ImporterInDoubt, AFaultThatAGatewayAnswersMayCommitLateThoughTheClientIsNotThereYet) {
  for (const int status : {500, 502, 503, 504}) {
    onPosts(1'000, [status](const Request&, const Commit&) {
      return FakeHydra::response(status, "<html><title>upstream trouble</title></html>");
    });
    ImportOptions options = oneShot();
    options.failAfter = 200ms;
    const ImportResult result = importOne(std::move(options), R"({"client_id":"a","scope":"x"})");
    EXPECT_EQ(result.kind, Kind::kUnknown) << status;
    EXPECT_TRUE(result.generated) << status;
  }
}

TEST_F(ImporterInDoubt, AFaultThatHydraAnswersIsSettledByReadingBack) {
  onPosts(1'000, [](const Request&, const Commit&) { return FakeHydra::response(500, kHydrasFault); });
  ImportOptions options = oneShot();
  options.failAfter = 200ms;
  EXPECT_EQ(importOne(std::move(options), R"({"client_id":"a","scope":"x"})").kind, Kind::kRetrying);
}

}  // namespace
}  // namespace hydra_clients::reconcile

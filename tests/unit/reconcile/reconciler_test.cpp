#include "reconcile/reconciler.h"

#include <new>
#include <system_error>
#include <utility>

#include <gmock/gmock.h>

#include "connection_to.h"
#include "fake_hydra.h"
#include "manifests.h"
#include "memory_source.h"

namespace hydra_clients::reconcile {
namespace {

using hydra::Request;
using test::FakeHydra;
using test::publicClient;
using testing::HasSubstr;

class ReconcilerTest : public testing::Test {
 protected:
  ReconcilerTest() { source_.set("a.json", publicClient("a")); }

  CycleReport cycle() { return reconciler_.runOnce({}); }

  FakeHydra hydra_;
  hydra::AdminApi api_{hydra_};
  test::MemorySource source_;
  manifest::SetReader reader_{manifest::ReadingOptions{}};
  hydra::ConnectionOptions connection_ = test::connectionTo("http://127.0.0.1:4445");
  Reconciler reconciler_{{source_, reader_, api_, connection_}, ImportOptions{}};
};

TEST_F(ReconcilerTest, ImportsWhatIsMissingAndThenWritesNothing) {
  source_.set("b.json", publicClient("b"));
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  EXPECT_EQ(hydra_.posts(), 2U);
  const CycleReport second = cycle();
  EXPECT_EQ(second.result, CycleResult::kSuccess);
  EXPECT_EQ(second.count(Outcome::kInSync), 2U);
  EXPECT_EQ(hydra_.posts(), 2U) << "a cycle in sync makes no write";
}

TEST_F(ReconcilerTest, SaysWhichManifestsAreAtFaultThoughHydraWasNeverReached) {
  source_.set("bad.json", R"({"client_id":"bad","scopes":"a"})");
  source_.set("twin-1.json", publicClient("twin"));
  source_.set("twin-2.json", publicClient("twin"));
  hydra_.setFault([](const auto&, const auto&) { return tl::unexpected(FakeHydra::lost(false)); });
  CycleReport failed = cycle();
  EXPECT_EQ(failed.result, CycleResult::kFailed);
  EXPECT_EQ(failed.count(Outcome::kInvalid), 1U);
  EXPECT_EQ(failed.count(Outcome::kDuplicate), 1U);
  const json::Value document = toJson(failed, "run");
  EXPECT_EQ(json::at(document, "/summary/invalid")->text, "1");
  EXPECT_EQ(json::at(document, "/summary/duplicate")->text, "1");
  EXPECT_TRUE(json::at(document, "/summary/in_sync")->isNull());
  EXPECT_TRUE(json::at(document, "/summary/conflict")->isNull());
  EXPECT_EQ(json::at(document, "/clients/0/client_id")->text, "bad");
  hydra_.setFault({});
  const CycleReport good = cycle();
  failed.recall(good);
  EXPECT_EQ(failed.declared(), 3U) << "where a plan was made once, its clients are shown, and no more";
}

TEST_F(ReconcilerTest, TellsHowFarEachStageOfACycleIs) {
  source_.set("b.json", publicClient("b"));
  hydra_.put("b", publicClient("b"));
  std::vector<Progress> told;
  Reconciler reconciler({source_, reader_, api_, connection_}, {}, {},
                        [&](const Progress& progress) { told.push_back(progress); });
  EXPECT_EQ(reconciler.runOnce({}).result, CycleResult::kSuccess);
  const auto lastOf = [&](Progress::Stage stage) {
    Progress last;
    for (const Progress& progress : told) {
      if (progress.stage == stage) last = progress;
    }
    return last;
  };
  EXPECT_EQ(lastOf(Progress::Stage::kReadingManifests).total, 2U);
  EXPECT_EQ(lastOf(Progress::Stage::kReadingManifests).done, 2U);
  EXPECT_EQ(lastOf(Progress::Stage::kReadingClients).done, 1U);
  EXPECT_EQ(lastOf(Progress::Stage::kImporting).done, 1U);
  EXPECT_EQ(lastOf(Progress::Stage::kImporting).total, 1U);
}

TEST_F(ReconcilerTest, IsAliveWhileItLooksAtTheSecretOfEachMissingClient) {
  source_.set("b.json", publicClient("b"));
  std::size_t beats = 0;
  Reconciler reconciler({source_, reader_, api_, connection_}, {}, [&] { ++beats; });
  EXPECT_EQ(reconciler.plan({}).count(Outcome::kImport), 2U);
  const std::size_t forMissing = std::exchange(beats, 0);
  hydra_.put("a", publicClient("a"));
  hydra_.put("b", publicClient("b"));
  EXPECT_EQ(reconciler.plan({}).count(Outcome::kInSync), 2U);
  EXPECT_GE(forMissing, beats) << "each that is there has a beat of its own";
}

TEST_F(ReconcilerTest, APlanWritesNothingAndSaysWhatACycleWouldDo) {
  const CycleReport plan = reconciler_.plan({});
  EXPECT_EQ(plan.count(Outcome::kImport), 1U);
  EXPECT_EQ(hydra_.posts(), 0U);
}

TEST_F(ReconcilerTest, AConflictIsReportedWithTheTwoWaysOutAndNeverWritten) {
  hydra_.put("a", publicClient("a", R"("x":1,)"));
  source_.set("a.json", publicClient("a", R"("owner":"me",)"));
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kDegraded);
  EXPECT_EQ(report.clients.at(0).outcome, Outcome::kConflict);
  EXPECT_THAT(report.clients.at(0).hint, HasSubstr("a.json:1"));
  EXPECT_THAT(report.clients.at(0).command,
              HasSubstr("--request PUT --data-binary @- http://127.0.0.1:4445/admin/clients/a"));
  EXPECT_EQ(hydra_.posts(), 0U);
}

TEST_F(ReconcilerTest, NoticesEachChangeOfAClientThatWasInSync) {
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  const std::string inSync = hydra_.stored("a").value();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(cycle().count(Outcome::kInSync), 1U);
    hydra_.put("a", R"({"client_id":"a","scope":"changed by hand"})");
    EXPECT_EQ(cycle().count(Outcome::kConflict), 1U);
    hydra_.put("a", inSync);
  }
  source_.set("a.json", publicClient("a", R"("owner":"me",)"));
  EXPECT_EQ(cycle().count(Outcome::kConflict), 1U);
}

TEST_F(ReconcilerTest, AClientThatCannotBeReadIsItsOwnTroubleAlone) {
  source_.set("b.json", publicClient("b"));
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  hydra_.put("a", R"({"client_id":"a","metadata":nonsense})");
  hydra_.put("x", R"({"client_id":"x","metadata":nonsense})");
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kDegraded);
  EXPECT_EQ(report.clients.at(0).outcome, Outcome::kRetrying);
  EXPECT_THAT(report.clients.at(0).reason, HasSubstr("cannot be read"));
  EXPECT_EQ(report.count(Outcome::kInSync), 1U);
  EXPECT_EQ(report.listError, "");
}

TEST_F(ReconcilerTest, AConflictInMetadataSaysWhereWithinItAndShowsNoValue) {
  hydra_.put("a", publicClient("a", R"("metadata":{"team":{"name":"x"},"same":1,"live/only":2},)"));
  source_.set("a.json", publicClient("a", R"("metadata":{"team":{"name":"y"},"same":1.0},)"));
  const CycleReport report = cycle();
  ASSERT_EQ(report.clients.at(0).differences.size(), 1U);
  const Difference& difference = report.clients.at(0).differences[0];
  EXPECT_THAT(difference.within, testing::ElementsAre("/live~1only", "/team/name"));
  EXPECT_EQ(inWords(difference), "metadata: differs at /live~1only, /team/name");
}

TEST_F(ReconcilerTest, AnUnreadableSourceKeepsTheLastGoodSetInForceAndStillHeals) {
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  source_.fail({manifest::SourceError::Kind::kAbsent, "the folder went away"});
  hydra_.remove("a");  // a Hydra that lost its database
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kDegraded);
  EXPECT_THAT(report.error, HasSubstr("went away"));
  EXPECT_FALSE(report.sourceAwaited) << "there is a snapshot to go on with";
  EXPECT_TRUE(hydra_.stored("a"));
}

TEST_F(ReconcilerTest, TellsWhichCommitTheSourceShowsWhetherOrNotItIsTheOneInForce) {
  EXPECT_EQ(cycle().newestSeen.id, "rev");
  source_.fail({manifest::SourceError::Kind::kUnreadable, "a blob is gone", "", {"newer", 1'700'000'060}});
  const CycleReport report = cycle();
  EXPECT_EQ(report.revision.id, "rev");
  EXPECT_EQ(report.newestSeen.id, "newer");
}

TEST_F(ReconcilerTest, ASetWhoseProofFailsIsInForceNoMore) {
  std::string fault;
  source_.prove([&]() -> tl::expected<void, std::string> {
    if (fault.empty()) return {};
    return tl::unexpected(fault);
  });
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  source_.fail({manifest::SourceError::Kind::kUnreadable, "the repository is damaged"});
  EXPECT_EQ(cycle().result, CycleResult::kDegraded) << "it is still proven";

  fault = "signed by the key F, which has been revoked";
  hydra_.remove("a");  // somebody deleted what the revoked key had brought
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kFailed);
  EXPECT_TRUE(report.commitRefused);
  EXPECT_THAT(report.error,
              testing::AllOf(HasSubstr("the repository is damaged; commit rev, which was in force"),
                             HasSubstr("(signed by the key F, which has been revoked)")));
  EXPECT_FALSE(hydra_.stored("a"));
  EXPECT_EQ(report.revision.id, "");
  EXPECT_EQ(cycle().result, CycleResult::kFailed) << "and it stays so";

  fault.clear();
  source_.heal();
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  EXPECT_TRUE(hydra_.stored("a"));
}

TEST_F(ReconcilerTest, ACycleForWhichThereIsNoThreadOrNoMemoryFailsAndTheNextOneSucceeds) {
  hydra_.setFault([](const Request&, const auto&) -> std::optional<FakeHydra::Answer> {
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
  });
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kFailed);
  EXPECT_FALSE(report.clientsKnown);
  EXPECT_THAT(report.error, HasSubstr("no thread can be made: raise the limit"));
  EXPECT_EQ(report.endpoint, "http://127.0.0.1:4445");
  hydra_.setFault(
      [](const Request&, const auto&) -> std::optional<FakeHydra::Answer> { throw std::bad_alloc(); });
  EXPECT_THAT(cycle().error, HasSubstr("no more memory is to be had: raise the limit"));
  hydra_.setFault({});
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
}

TEST_F(ReconcilerTest, WithoutAnySnapshotTheCycleFailsAndNothingIsSent) {
  source_.fail({manifest::SourceError::Kind::kAbsent, "no such folder"});
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kFailed);
  EXPECT_TRUE(report.sourceAwaited);
  EXPECT_EQ(hydra_.posts(), 0U);
  source_.fail({manifest::SourceError::Kind::kUnreadable, "permission denied"});
  EXPECT_FALSE(cycle().sourceAwaited) << "nobody brings it by waiting";
}

TEST_F(ReconcilerTest, WithoutTheLiveStateTheCycleFailsAndNothingIsSent) {
  hydra_.setFault([](const Request&, const auto&) -> std::optional<FakeHydra::Answer> {
    return tl::unexpected(FakeHydra::lost(/*mayHaveArrived=*/false));
  });
  EXPECT_EQ(cycle().result, CycleResult::kFailed);
  hydra_.setFault({});
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
}

TEST_F(ReconcilerTest, ATruncatedListIsNeverReadAsNothingIsThere) {
  hydra_.put("a", publicClient("a"));
  hydra_.setFault([](const Request& request, const auto&) -> std::optional<FakeHydra::Answer> {
    if (!request.target.starts_with("/admin/clients?")) return std::nullopt;
    hydra::Response cut = FakeHydra::response(200, "[]");
    cut.headers.totalCount = 1;
    return cut;
  });
  const CycleReport report = cycle();
  EXPECT_EQ(hydra_.posts(), 0U);
  EXPECT_EQ(report.count(Outcome::kInSync), 1U) << "it was asked for by id";
  EXPECT_THAT(report.listError, HasSubstr("cannot be trusted"));
  EXPECT_EQ(report.unmanaged, std::nullopt);
}

TEST_F(ReconcilerTest, AClientThatCannotBeReadIsNotSentAndHindersNoOther) {
  source_.set("b.json", publicClient("b"));
  hydra_.setFault([](const Request& request, const auto&) -> std::optional<FakeHydra::Answer> {
    const bool poisoned = request.target == "/admin/clients/a" || request.target.ends_with("page_size=1000");
    if (!poisoned) return std::nullopt;
    return FakeHydra::response(500, R"({"error":"error","error_description":"The error is unrecognizable"})");
  });
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kDegraded);
  EXPECT_EQ(report.clients.at(0).outcome, Outcome::kRetrying);
  EXPECT_THAT(report.clients.at(0).reason, HasSubstr("500"));
  EXPECT_TRUE(hydra_.stored("b"));
  EXPECT_FALSE(hydra_.stored("a"));
}

TEST_F(ReconcilerTest, AClientThatOnlyAListShowsIsConfirmedByOneOnceAndRemembered) {
  source_.set("a.json", publicClient("team/a"));
  for (int i = 0; i < 2000; ++i)
    hydra_.put("live" + std::to_string(i), publicClient("live" + std::to_string(i)));
  int lists = 0;
  hydra_.setFault([&](const Request& request, const auto&) -> std::optional<FakeHydra::Answer> {
    lists += request.target.ends_with("page_size=1000") ? 1 : 0;
    return std::nullopt;
  });
  EXPECT_EQ(cycle().count(Outcome::kImport), 1U);
  const int first = lists;
  EXPECT_GT(first, 0);
  EXPECT_EQ(cycle().count(Outcome::kInSync), 1U);
  EXPECT_EQ(cycle().count(Outcome::kInSync), 1U);
  EXPECT_EQ(lists, first) << "what this controller imported needs no list";
  hydra_.remove("team/a");
  reconciler_.forgetAttempts();  // Hydra was restarted
  EXPECT_EQ(cycle().count(Outcome::kImport), 1U);
  EXPECT_GT(lists, first);
}

TEST_F(ReconcilerTest, ARefusedClientIsNotSentAgainBeforeItsTimeAndAtOnceWhenItChanges) {
  source_.set("a.json", publicClient("a", R"("client_name":"refuse me",)"));
  EXPECT_EQ(cycle().count(Outcome::kRefused), 1U);
  const CycleReport held = cycle();
  EXPECT_EQ(held.count(Outcome::kRefused), 1U);
  ASSERT_TRUE(held.clients.at(0).nextTry.has_value());
  EXPECT_GT(*held.clients.at(0).nextTry, std::chrono::system_clock::now());
  EXPECT_EQ(hydra_.posts(), 1U);
  EXPECT_TRUE(reconciler_.nextDue());
  source_.set("a.json", publicClient("a", R"("client_name":"take me",)"));
  EXPECT_EQ(cycle().count(Outcome::kImport), 1U);
  EXPECT_FALSE(reconciler_.nextDue());
}

TEST_F(ReconcilerTest, AnInvalidManifestDegradesTheCycleAndStopsNoOther) {
  source_.set("bad.json", "{ not json");
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kDegraded);
  EXPECT_EQ(report.count(Outcome::kInvalid), 1U);
  EXPECT_TRUE(hydra_.stored("a"));
}

}  // namespace
}  // namespace hydra_clients::reconcile

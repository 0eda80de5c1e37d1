#include "reconcile/plan.h"

#include <gmock/gmock.h>

#include "manifests.h"

namespace hydra_clients::reconcile {
namespace {

using test::arrayOf;
using test::publicClient;
using test::setOf;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr HydraVersion kHydra{2, 3, 0};
const HoldBack kSendAll = [](const manifest::Manifest&) { return std::nullopt; };

hydra::LiveClient liveClient(std::string_view raw) { return hydra::LiveClient::of(raw).value(); }

Plan planFor(const std::string& manifests, const std::vector<std::string>& live,
             const HoldBack& holdBack = kSendAll) {
  Compared compared;
  Planner planner(setOf(manifests), kHydra, compared);
  for (const std::string& client : live) planner.visit(liveClient(client));
  return std::move(planner).finish(holdBack, live.size());
}

// One test per line of the case table in plan.h.

TEST(Plan, AClientThatIsAbsentIsImported) {
  const Plan plan = planFor(publicClient("a"), {});
  ASSERT_EQ(plan.clients.size(), 1U);
  EXPECT_EQ(plan.clients[0].outcome, Outcome::kImport);
  EXPECT_EQ(plan.missing().size(), 1U);
}

TEST(Plan, AClientWhoseDeclaredFieldsAreEqualIsInSync) {
  const Plan plan = planFor(publicClient("a"), {publicClient("a", R"("owner":"set by hand",)")});
  EXPECT_TRUE(plan.inSync.has("a"));
  EXPECT_THAT(plan.clients, IsEmpty()) << "it needs no line";
  EXPECT_THAT(plan.missing(), IsEmpty());
}

TEST(Plan, AClientThatDiffersIsAConflictThatNamesTheFields) {
  const Plan plan = planFor(publicClient("a", R"("owner":"x",)"), {R"({"client_id":"a","scope":"y"})"});
  EXPECT_EQ(plan.clients[0].outcome, Outcome::kConflict);
  EXPECT_THAT(plan.clients[0].differences,
              ElementsAre(Field(&Difference::field, "owner"), Field(&Difference::field, "scope"),
                          Field(&Difference::field, "token_endpoint_auth_method")));
  EXPECT_THAT(plan.missing(), IsEmpty());
}

TEST(Plan, AClientThatIsHeldBackIsNotSentAndSaysWhy) {
  for (const Outcome outcome : {Outcome::kWaiting, Outcome::kRefused, Outcome::kRetrying}) {
    const Plan plan = planFor(publicClient("a"), {}, [&](const manifest::Manifest&) {
      return std::optional(HeldBack{outcome, "for a reason"});
    });
    EXPECT_EQ(plan.clients[0].outcome, outcome);
    EXPECT_EQ(plan.clients[0].reason, "for a reason");
    EXPECT_THAT(plan.missing(), IsEmpty());
  }
}

TEST(Plan, AClientThatIsThereIsNeverAskedToBeHeldBack) {
  planFor(publicClient("a"), {publicClient("a")}, [](const manifest::Manifest&) -> std::optional<HeldBack> {
    ADD_FAILURE() << "its secret would be read in vain";
    return std::nullopt;
  });
}

TEST(Plan, AnInvalidManifestIsNotSentWhateverHydraHolds) {
  const Plan plan =
      planFor(arrayOf({R"({"client_id":"bad","scopes":"x"})", publicClient("good")}), {publicClient("bad")});
  ASSERT_EQ(plan.clients.size(), 2U);
  EXPECT_EQ(plan.clients[0].id, "bad");
  EXPECT_EQ(plan.clients[0].outcome, Outcome::kInvalid);
  EXPECT_THAT(plan.clients[0].reason, HasSubstr("scopes"));
  EXPECT_THAT(plan.clients[0].places, ElementsAre(Field(&manifest::Location::pointer, "/0")));
  EXPECT_EQ(plan.clients[0].faults.at(0).where.pointer, "/0/scopes");
  EXPECT_EQ(plan.clients[1].outcome, Outcome::kImport);
  EXPECT_EQ(plan.unmanaged, 0U) << "a client with an invalid manifest is not unmanaged";
}

TEST(Plan, AllThatIsWrongWithAManifestStandsInOneReason) {
  const PlannedClient client = planFor("{\"client_id\":\"a\",\n\"bad\":1,\n\"worse\":2}", {}).clients.at(0);
  ASSERT_EQ(client.faults.size(), 2U);
  EXPECT_THAT(client.reason, AllOf(StartsWith("clients.json:2:1: "), HasSubstr(client.faults[0].message),
                                   HasSubstr("; clients.json:3:1: "), HasSubstr(client.faults[1].message)));
}

TEST(Plan, AManifestWhoseIdCannotBeReadHasNone) { EXPECT_EQ(planFor("{ nonsense", {}).clients.at(0).id, ""); }

TEST(Plan, AClientThatIsDeclaredTwiceIsNotSentAndEveryPlaceIsNamed) {
  const Plan plan = planFor(
      arrayOf({publicClient("a"), publicClient("a"), R"({"client_id":"a","bad":1})", publicClient("b")}),
      {publicClient("a"), publicClient("b"), publicClient("x")});
  ASSERT_EQ(plan.clients.size(), 1U);
  EXPECT_EQ(plan.clients[0].outcome, Outcome::kDuplicate);
  EXPECT_EQ(plan.clients[0].places.size(), 3U);
  EXPECT_EQ(plan.clients[0].reason, "its client_id stands in 3 places");
  EXPECT_THAT(plan.clients[0].faults, ElementsAre(Field(&manifest::Fault::message, HasSubstr("bad"))));
  EXPECT_EQ(plan.unmanaged, 1U) << "a client with two manifests is not unmanaged";
}

TEST(Plan, LiveClientsWithoutAManifestAreCountedAsUnmanaged) {
  const Plan plan = planFor(publicClient("a"), {publicClient("a"), publicClient("x"), publicClient("y")});
  EXPECT_EQ(plan.unmanaged, 2U);
  EXPECT_EQ(plan.inSync.count(), 1U);
}

TEST(Plan, UnmanagedAreAllWhereNoneOfTheManifestsIsThere) {
  const Plan plan =
      planFor(arrayOf({R"({"client_id":"bad","scopes":"x"})", publicClient("twice"), publicClient("twice")}),
              {publicClient("x")});
  EXPECT_EQ(plan.unmanaged, 1U);
}

TEST(Plan, UnmanagedIsUnknownWhereNotAllLiveClientsWereAskedFor) {
  Compared compared;
  Planner planner(setOf(publicClient("a")), kHydra, compared);
  EXPECT_EQ(std::move(planner).finish(kSendAll, std::nullopt).unmanaged, std::nullopt);
}

TEST(Plan, AnIdThatNobodyDeclaresHindersNobody) {
  Compared compared;
  Planner planner(setOf(publicClient("a")), kHydra, compared);
  planner.unread("x", "Hydra answers 500");
  planner.recall("x", {});
  const Plan plan = std::move(planner).finish(kSendAll, 0);
  ASSERT_EQ(plan.clients.size(), 1U);
  EXPECT_EQ(plan.clients[0].outcome, Outcome::kImport);
}

TEST(Plan, AClientSeenTwiceOnOverlappingPagesIsOneClient) {
  Compared compared;
  Planner planner(setOf(publicClient("a")), kHydra, compared);
  const std::string live = publicClient("a");
  for (int i = 0; i < 2; ++i) planner.visit(liveClient(live));
  const Plan plan = std::move(planner).finish(kSendAll, 3);
  EXPECT_EQ(plan.inSync.count(), 1U);
  EXPECT_EQ(plan.unmanaged, 2U);
}

TEST(Plan, ADeclaredClientThatCannotBeReadIsTriedAgainAndSaysWhy) {
  const Plan plan = planFor(arrayOf({publicClient("a"), publicClient("b")}),
                            {R"({"client_id":"a","scope":nonsense})", publicClient("b")});
  ASSERT_EQ(plan.clients.size(), 1U);
  EXPECT_EQ(plan.clients[0].outcome, Outcome::kRetrying);
  EXPECT_THAT(plan.clients[0].reason, HasSubstr("cannot be read, at byte 26"));
  EXPECT_TRUE(plan.inSync.has("b"));
  EXPECT_EQ(plan.unmanaged, 0U) << "it is there, whatever it is";
}

TEST(Plan, AnUndeclaredClientThatCannotBeReadHindersNobody) {
  const Plan plan = planFor(publicClient("a"), {R"({"client_id":"x",nonsense})", publicClient("a")});
  EXPECT_TRUE(plan.inSync.has("a"));
  EXPECT_EQ(plan.unmanaged, 1U);
}

TEST(Plan, AClientThatWasSeenIsAsItWasThenThoughItIsNotFoundById) {
  Compared compared;
  Planner planner(setOf(publicClient("a")), kHydra, compared);
  planner.visit(liveClient(publicClient("a")));
  planner.unread("a", "Hydra answers 500");
  EXPECT_TRUE(std::move(planner).finish(kSendAll, 1).inSync.has("a"));
}

/// What the plan makes of the only client, with what earlier ones remembered.
Outcome outcomeOf(const manifest::ManifestSetPtr& set, const std::string& live, Compared& compared,
                  HydraVersion version = kHydra) {
  Planner planner(set, version, compared);
  planner.visit(liveClient(live));
  const Plan plan = std::move(planner).finish(kSendAll, 1);
  return plan.clients.empty() ? Outcome::kInSync : plan.clients[0].outcome;
}

TEST(Plan, BytesThatWereInSyncAreNotReadAgain) {
  const auto set = setOf(publicClient("a"));
  Compared compared;
  compared.update(set, kHydra);
  const std::string unreadable = R"({"client_id":"a",nonsense})";
  compared.foundInSync(0, fingerprintOf(unreadable));
  EXPECT_EQ(outcomeOf(set, unreadable, compared), Outcome::kInSync);
}

TEST(Plan, WhatIsInSyncIsRememberedAndNothingElse) {
  const auto set = setOf(publicClient("a", R"("owner":"me",)"));
  const std::string equal = publicClient("a", R"("owner":"me",)");
  const std::string different = publicClient("a", R"("owner":"you",)");
  Compared compared;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(outcomeOf(set, equal, compared), Outcome::kInSync);
    EXPECT_TRUE(compared.isKnownInSync(0, fingerprintOf(equal)));
    EXPECT_EQ(outcomeOf(set, different, compared), Outcome::kConflict);
    EXPECT_FALSE(compared.isKnownInSync(0, fingerprintOf(different)));
  }
}

TEST(Plan, AnotherManifestOrAnotherVersionIsComparedAnew) {
  const std::string live = publicClient("a");
  const std::string wanted = publicClient("a", R"("skip_consent":true,)");
  Compared compared;
  EXPECT_EQ(outcomeOf(setOf(live), live, compared), Outcome::kInSync);
  EXPECT_EQ(outcomeOf(setOf(wanted), live, compared), Outcome::kConflict);
  const auto set = setOf(wanted);
  EXPECT_EQ(outcomeOf(set, live, compared, HydraVersion{1, 11, 10}), Outcome::kInSync)
      << "it has no such field";
  EXPECT_EQ(outcomeOf(set, live, compared), Outcome::kConflict);
}

TEST(Plan, WarnsOfFieldsThatThisHydraDoesNotKnow) {
  Compared compared;
  Planner planner(setOf(publicClient("a", R"("skip_consent":true,)")), HydraVersion{1, 11, 10}, compared);
  const std::string live = publicClient("a");
  planner.visit(liveClient(live));
  const Plan plan = std::move(planner).finish(kSendAll, 1);
  EXPECT_EQ(plan.clients[0].outcome, Outcome::kInSync);
  EXPECT_THAT(plan.clients[0].unknown, ElementsAre("skip_consent"));
}

TEST(Plan, IsSortedById) {
  const Plan plan =
      planFor(arrayOf({publicClient("c"), publicClient("a"), R"({"client_id":"b","bad":1})"}), {});
  std::vector<std::string> ids;
  for (const PlannedClient& client : plan.clients) ids.push_back(client.id);
  EXPECT_THAT(ids, ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace hydra_clients::reconcile

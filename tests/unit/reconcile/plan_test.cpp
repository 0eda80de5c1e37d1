#include "reconcile/plan.h"

#include <gmock/gmock.h>

#include "manifests.h"

namespace hydra_clients::reconcile {
namespace {

using test::arrayOf;
using test::publicClient;
using test::setOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr HydraVersion kHydra{2, 3, 0};
const HoldBack kSendAll = [](const manifest::Manifest&) { return std::nullopt; };

Plan planFor(const std::string& manifests, const std::vector<std::pair<std::string, std::string>>& live,
             const HoldBack& holdBack = kSendAll) {
  Planner planner(setOf(manifests), kHydra);
  for (const auto& [id, client] : live) planner.visit(id, json::parse(client).value());
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
  const Plan plan = planFor(publicClient("a"), {{"a", publicClient("a", R"("owner":"set by hand",)")}});
  EXPECT_TRUE(plan.inSync.has("a"));
  EXPECT_THAT(plan.clients, IsEmpty()) << "it needs no line";
  EXPECT_THAT(plan.missing(), IsEmpty());
}

TEST(Plan, AClientThatDiffersIsAConflictThatNamesTheFields) {
  const Plan plan =
      planFor(publicClient("a", R"("owner":"x",)"), {{"a", R"({"client_id":"a","scope":"y"})"}});
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
  planFor(publicClient("a"), {{"a", publicClient("a")}},
          [](const manifest::Manifest&) -> std::optional<HeldBack> {
            ADD_FAILURE() << "its secret would be read in vain";
            return std::nullopt;
          });
}

TEST(Plan, AnInvalidManifestIsNotSentWhateverHydraHolds) {
  const Plan plan = planFor(arrayOf({R"({"client_id":"bad","scopes":"x"})", publicClient("good")}),
                            {{"bad", publicClient("bad")}});
  ASSERT_EQ(plan.clients.size(), 2U);
  EXPECT_EQ(plan.clients[0].id, "bad");
  EXPECT_EQ(plan.clients[0].outcome, Outcome::kInvalid);
  EXPECT_THAT(plan.clients[0].reason, HasSubstr("scopes"));
  EXPECT_EQ(plan.clients[0].faults.at(0).where.pointer, "/0/scopes");
  EXPECT_EQ(plan.clients[1].outcome, Outcome::kImport);
  EXPECT_EQ(plan.unmanaged, 0U) << "a client with an invalid manifest is not unmanaged";
}

TEST(Plan, AClientThatIsDeclaredTwiceIsNotSentAndEveryPlaceIsNamed) {
  const Plan plan =
      planFor(arrayOf({publicClient("a"), publicClient("a"), R"({"client_id":"a","bad":1})"}), {});
  ASSERT_EQ(plan.clients.size(), 1U);
  EXPECT_EQ(plan.clients[0].outcome, Outcome::kDuplicate);
  EXPECT_EQ(plan.clients[0].places.size(), 3U);
}

TEST(Plan, LiveClientsWithoutAManifestAreCountedAsUnmanaged) {
  const Plan plan = planFor(publicClient("a"), {{"a", publicClient("a")}, {"x", "{}"}, {"y", "{}"}});
  EXPECT_EQ(plan.unmanaged, 2U);
  EXPECT_EQ(plan.inSync.count(), 1U);
}

TEST(Plan, UnmanagedIsUnknownWhereNotAllLiveClientsWereAskedFor) {
  Planner planner(setOf(publicClient("a")), kHydra);
  EXPECT_EQ(std::move(planner).finish(kSendAll, std::nullopt).unmanaged, std::nullopt);
}

TEST(Plan, AClientSeenTwiceOnOverlappingPagesIsOneClient) {
  Planner planner(setOf(publicClient("a")), kHydra);
  for (int i = 0; i < 2; ++i) planner.visit("a", json::parse(publicClient("a")).value());
  const Plan plan = std::move(planner).finish(kSendAll, 3);
  EXPECT_EQ(plan.inSync.count(), 1U);
  EXPECT_EQ(plan.unmanaged, 2U);
}

TEST(Plan, WarnsOfFieldsThatThisHydraDoesNotKnow) {
  Planner planner(setOf(publicClient("a", R"("skip_consent":true,)")), HydraVersion{1, 11, 10});
  planner.visit("a", json::parse(publicClient("a")).value());
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

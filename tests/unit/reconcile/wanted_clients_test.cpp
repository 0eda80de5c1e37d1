#include "reconcile/wanted_clients.h"

#include <gmock/gmock.h>

#include "manifests.h"

namespace hydra_clients::reconcile {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr hydra::Dialect kV2{hydra::Family::kV2_2, {2, 3, 0}, true};
constexpr hydra::Dialect kV26{hydra::Family::kV25, {26, 2, 0}, true};

manifest::ManifestSetPtr setOf(const std::vector<std::string>& ids) {
  std::vector<std::string> clients;
  for (const std::string& id : ids) clients.push_back(test::publicClient(id));
  return test::setOf(test::arrayOf(clients));
}

TEST(WantedClients, AskByIdForThoseThatAUrlCanHold) {
  WantedClients clients;
  clients.update(setOf({"a", "team/b"}), kV2);
  EXPECT_THAT(clients.wanted().ids, SizeIs(1));
  EXPECT_TRUE(clients.wanted().others);
  clients.update(setOf({"a", "team/b"}), kV26);
  EXPECT_THAT(clients.wanted().ids, SizeIs(2));
  EXPECT_FALSE(clients.wanted().others);
}

TEST(WantedClients, NeedNoListForOneThatWasConfirmed) {
  WantedClients clients;
  const auto set = setOf({"team/b"});
  clients.update(set, kV2);
  clients.confirm("team/b", {});
  EXPECT_FALSE(clients.wanted().others);
  clients.missed("team/b");
  EXPECT_TRUE(clients.wanted().others);
  EXPECT_THAT(clients.listedOnly(), UnorderedElementsAre("team/b"));
}

TEST(WantedClients, NameThoseThatOnlyAListShowsConfirmedOrNot) {
  WantedClients clients;
  clients.update(setOf({"a", "team/b", "team/c"}), kV2);
  clients.confirm("team/b", {});
  EXPECT_THAT(clients.listedOnly(), UnorderedElementsAre("team/b", "team/c"));
}

TEST(WantedClients, KeepNothingOfThoseThatAreAskedForById) {
  WantedClients clients;
  clients.update(setOf({"a", "team/b"}), kV2);
  clients.confirm("a", {});
  clients.missed("a");
  EXPECT_THAT(clients.listedOnly(), UnorderedElementsAre("team/b"));
}

TEST(WantedClients, OfHydraAreNoneBeforeThereIsASet) {
  WantedClients clients;
  clients.forget();
  EXPECT_THAT(clients.wanted().ids, IsEmpty());
}

TEST(WantedClients, RememberWhatAListShowedOfThem) {
  WantedClients clients;
  const auto set = setOf({"team/b"});
  clients.update(set, kV2);
  clients.confirm("team/b", {});
  clients.confirm("team/b", {Difference{"owner", "1", "2", {}}});
  Compared compared;
  Planner planner(set, kV2.version, compared);
  clients.recallInto(planner);
  const Plan plan = std::move(planner).finish([](const auto&) { return std::nullopt; }, std::nullopt);
  EXPECT_EQ(plan.clients.at(0).outcome, Outcome::kConflict);
}

TEST(WantedClients, AskAgainForOneWhoseManifestChanged) {
  WantedClients clients;
  clients.update(setOf({"team/b"}), kV2);
  clients.confirm("team/b", {});
  clients.update(setOf({"team/b"}), kV2);  // read anew: another manifest of the same id
  EXPECT_TRUE(clients.wanted().others);
}

TEST(WantedClients, KeepWhatIsKnownOfThoseWhoseManifestsStay) {
  WantedClients clients;
  const auto set = setOf({"team/b"});
  clients.update(set, kV2);
  clients.confirm("team/b", {});
  auto more = *setOf({"a"});
  more.manifests.push_back(set->manifests[0]);
  clients.update(std::make_shared<const manifest::ManifestSet>(std::move(more)), kV2);
  EXPECT_FALSE(clients.wanted().others);
  EXPECT_THAT(clients.listedOnly(), UnorderedElementsAre("team/b"));
}

TEST(WantedClients, ForgetAllOfAHydraThatWasRestartedOrIsAnother) {
  WantedClients clients;
  const auto set = setOf({"team/b"});
  clients.update(set, kV2);
  clients.confirm("team/b", {});
  clients.forget();
  EXPECT_TRUE(clients.wanted().others);
  clients.confirm("team/b", {});
  clients.update(set, hydra::Dialect{hydra::Family::kV2_2, {2, 2, 0}, true});
  EXPECT_TRUE(clients.wanted().others);
}

}  // namespace
}  // namespace hydra_clients::reconcile

#include "reconcile/manifest_changes.h"

#include <gmock/gmock.h>

#include "manifests.h"

namespace hydra_clients::reconcile {
namespace {

using test::arrayOf;
using test::publicClient;
using test::setOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// "added id app", for each.
std::vector<std::string> inWords(const ManifestChanges& changes) {
  std::vector<std::string> words;
  for (const auto& [key, change] : changes) words.push_back(std::string(nameOf(change.change)) + " " + key);
  return words;
}

ManifestChanges between(const std::string& before, const std::string& now) {
  return changesOfManifests(setOf(before), setOf(now));
}

const std::string kBroken = R"({"client_id":"app","scopes":"x"})";

TEST(ManifestChanges, NameEveryKindOfChange) {
  const auto changes = between(
      arrayOf({publicClient("same"), publicClient("changed"), publicClient("removed", R"("owner":"x",)"),
               publicClient("old-name", R"("owner":"y",)"), R"({"client_id":"repaired","scopes":"x"})"}),
      arrayOf({publicClient("same"), publicClient("changed", R"("owner":"z",)"), publicClient("added"),
               publicClient("new-name", R"("owner":"y",)"), publicClient("repaired")}));
  EXPECT_THAT(inWords(changes),
              UnorderedElementsAre("added id added", "changed id changed", "renamed id new-name",
                                   "removed id removed", "repaired id repaired"));
}

TEST(ManifestChanges, AManifestThatBecomesInvalidOrADuplicateChanged) {
  EXPECT_THAT(inWords(between(publicClient("app"), kBroken)), ElementsAre("changed id app"));
  EXPECT_THAT(inWords(between(publicClient("app"), arrayOf({publicClient("app"), publicClient("app")}))),
              ElementsAre("changed id app"));
  EXPECT_THAT(inWords(between("[]", kBroken)), ElementsAre("added id app"));
  EXPECT_THAT(inWords(between(publicClient("z"), arrayOf({kBroken, publicClient("z")}))),
              ElementsAre("added id app"));
}

TEST(ManifestChanges, WhatIsAtFaultAsBeforeDidNotChange) {
  EXPECT_THAT(between(kBroken, "\n\n" + kBroken), IsEmpty()) << "on whichever line";
  EXPECT_THAT(inWords(between(kBroken, R"({"client_id":"app","scope":5})")), ElementsAre("changed id app"));
  EXPECT_THAT(inWords(between(R"({"client_id":"app","bad":1,"worse":1})",
                              R"({"client_id":"app","wrong":1,"worse":1})")),
              ElementsAre("changed id app"));
  const std::string twice = arrayOf({publicClient("app"), publicClient("app")});
  EXPECT_THAT(between(twice, twice), IsEmpty());
  EXPECT_THAT(
      inWords(between(twice, arrayOf({publicClient("app"), publicClient("app"), publicClient("app")}))),
      ElementsAre("changed id app"));
  EXPECT_THAT(inWords(between(arrayOf({publicClient("app"), "{}", publicClient("app")}),
                              arrayOf({"{}", publicClient("app"), publicClient("app")}))),
              testing::Contains("changed id app"));
  EXPECT_THAT(inWords(between(twice, publicClient("app"))), ElementsAre("repaired id app"));
}

TEST(ManifestChanges, AFileThatCannotBeReadAnyMoreChangedAndItsClientsDidNotGo) {
  EXPECT_THAT(inWords(between(publicClient("app"), "{ broken")), ElementsAre("changed place clients.json\n"));
  EXPECT_THAT(inWords(between("{ broken", publicClient("app"))), ElementsAre("repaired id app"));
  EXPECT_THAT(between("{ broken", "{ broken"), IsEmpty());
  EXPECT_THAT(inWords(between("[]", "{ broken")), ElementsAre("added place clients.json\n"));
}

TEST(ManifestChanges, NameTheFieldsWhoseValuesDiffer) {
  const auto changes =
      between(publicClient("app", R"("owner":"x","policy_uri":"https://a.example","client_name":"n",)"),
              publicClient("app", R"("client_name":"n","owner":"y","tos_uri":"https://a.example",)"));
  EXPECT_THAT(changes.at("id app").fields(), ElementsAre("owner", "policy_uri", "tos_uri"));
}

TEST(ManifestChanges, KnowWhetherAnotherSecretIsGiven) {
  const auto with = [](const std::string& member) {
    return R"({"client_id":"app","scope":"x")" + member + "}";
  };
  const auto gives = [&](const std::string& before, const std::string& now) {
    return between(with(before), with(now)).at("id app").givesAnotherSecret();
  };
  const std::string first = R"(,"client_secret":"first-secret")";
  EXPECT_TRUE(gives(first, R"(,"client_secret":"second-secret")"));
  EXPECT_TRUE(gives(first, R"(,"client_secret_from":{"env":"HYDRA_CLIENTS_SECRET_APP"})"));
  EXPECT_FALSE(gives(first, "")) << "the one that it has stays in force";
  EXPECT_FALSE(gives(first, first + R"(,"owner":"x")"));
}

TEST(ManifestChanges, WithoutAManifestOnOneSideNothingDiffers) {
  const auto appeared = between("[]", publicClient("app")).at("id app");
  const auto broke = between(publicClient("app"), kBroken).at("id app");
  for (const ManifestChange& change : {appeared, broke}) {
    EXPECT_THAT(change.fields(), IsEmpty());
    EXPECT_FALSE(change.givesAnotherSecret());
  }
}

TEST(ManifestChanges, TheFormerManifestsStandInTheSetThatHydraIsAskedFor) {
  const auto before =
      setOf(arrayOf({publicClient("a", R"("owner":"x",)"), publicClient("m"), publicClient("z")}));
  const auto now = setOf(arrayOf({publicClient("b", R"("owner":"x",)"), publicClient("m")}));
  const auto all = withFormer(now, changesOfManifests(before, now));
  std::vector<std::string> ids;
  for (const auto& manifest : all->manifests) ids.push_back(manifest->id);
  EXPECT_THAT(ids, ElementsAre("a", "b", "m", "z"));
  EXPECT_EQ(withFormer(now, changesOfManifests(now, now)), now);
}

}  // namespace
}  // namespace hydra_clients::reconcile

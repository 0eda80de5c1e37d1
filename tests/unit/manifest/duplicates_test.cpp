#include <gmock/gmock.h>

#include "support.h"

namespace hydra_clients::manifest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Duplicates, AreFoundInOneFile) {
  const ManifestSet set = readOne("[" + client("a") + ",\n" + client("b") + ",\n" + client("a") + "]");
  ASSERT_THAT(set.manifests, SizeIs(1));
  EXPECT_EQ(set.manifests[0]->id, "b");
  ASSERT_THAT(set.duplicates, SizeIs(1));
  EXPECT_EQ(set.duplicates[0].id, "a");
  EXPECT_THAT(set.duplicates[0].places, ElementsAre(Location{"a.json", 1, 16, "/0/client_id"},
                                                    Location{"a.json", 3, 15, "/2/client_id"}));
  EXPECT_FALSE(set.faultless());
}

TEST(Duplicates, NameEveryPlace) {
  const ManifestSet set =
      joinSets({readText("a.json", client("x"), {}), readText("b.json", client("x"), {})}, {});
  EXPECT_THAT(
      formatted(set.allFaults()),
      ElementsAre(
          "a.json:1:15: error: the client_id \"x\" stands in 2 manifests, so none of them is imported; it is "
          "also at b.json:1:15 (/client_id) [duplicate-client-id]",
          "b.json:1:15: error: the client_id \"x\" stands in 2 manifests, so none of them is imported; it is "
          "also at a.json:1:15 (/client_id) [duplicate-client-id]"));
}

TEST(Duplicates, CountInvalidOnesAndKeepTheirFaults) {
  const ManifestSet set = readOne("[" + client("a") + R"(, {"client_id": "a", "scope": 5}])");
  EXPECT_THAT(set.manifests, IsEmpty());
  EXPECT_THAT(set.invalid, IsEmpty());
  ASSERT_THAT(set.duplicates, SizeIs(1));
  ASSERT_THAT(set.duplicates[0].faults, SizeIs(1));
  EXPECT_EQ(set.duplicates[0].faults[0].rule, "wrong-type");
  EXPECT_THAT(rulesOf(set), ElementsAre("duplicate-client-id", "duplicate-client-id", "wrong-type"));
}

TEST(Duplicates, AreNotMadeByClientsWithoutAnId) {
  ReadingOptions options;
  options.forImport = true;
  EXPECT_THAT(readOne(R"([{"scope": "a"}, {"scope": "a"}])", options).manifests, SizeIs(2));
}

TEST(Duplicates, DoNotListAHundredPlacesInEachMessage) {
  std::string text = "[" + client("a");
  for (int i = 0; i < 99; ++i) text += ",\n" + client("a");
  const std::vector<Fault> faults = readOne(text + "]").allFaults();
  ASSERT_THAT(faults, SizeIs(100));
  EXPECT_THAT(faults[50].hint, HasSubstr("and in 96 more places"));
}

TEST(SimilarIds, ThatDifferOnlyInCaseAreAWarningAtEachPlace) {
  const ManifestSet set = readOne("[" + client("App") + ",\n" + client("app") + ",\n" + client("b") + "]");
  EXPECT_THAT(set.manifests, SizeIs(3));
  EXPECT_THAT(rulesOf(set), ElementsAre("client-id-case", "client-id-case"));
  EXPECT_THAT(set.warnings[0].message, HasSubstr("\"app\""));
  EXPECT_EQ(set.warnings[0].where, (Location{"a.json", 1, 16, "/0/client_id"}));
}

TEST(SimilarIds, AreInvalidWhereTheRuleIsAnErrorAndNothingWhereItIsOff) {
  ReadingOptions options;
  ASSERT_TRUE(options.severities.set("client-id-case=error"));
  const std::string text = "[" + client("App") + "," + client("app") + "," + client("b") + "]";
  const ManifestSet refused = readOne(text, options);
  EXPECT_THAT(refused.manifests, SizeIs(1));
  EXPECT_THAT(refused.invalid, SizeIs(2));
  EXPECT_THAT(refused.warnings, IsEmpty());
  ASSERT_TRUE(options.severities.set("client-id-case=off"));
  EXPECT_TRUE(readOne(text, options).allFaults().empty());
}

TEST(SimilarIds, AreFoundOnceAcrossJoinedSets) {
  const std::string both = "[" + client("App") + "," + client("app") + "]";
  const ManifestSet set = joinSets({readText("a.json", both, {}), readText("b.json", client("APP"), {})}, {});
  EXPECT_THAT(rulesOf(set), ElementsAre("client-id-case", "client-id-case", "client-id-case"));
}

TEST(JoinedSets, KeepTheOrderOfTheParts) {
  const ManifestSet set =
      joinSets({readText("z.json", client("z"), {}), readText("a.json", client("a"), {})}, {});
  ASSERT_THAT(set.manifests, SizeIs(2));
  EXPECT_EQ(set.manifests[0]->id, "z");
  EXPECT_EQ(set.files, 2u);
}

TEST(JoinedSets, MakeADuplicateOfAnIdThatIsOneAlready) {
  const std::string twice = "[" + client("x") + "," + client("x") + "]";
  const ManifestSet set = joinSets({readText("a.json", twice, {}), readText("b.json", client("x"), {}),
                                    readText("c.json", client("y"), {})},
                                   {});
  ASSERT_THAT(set.duplicates, SizeIs(1));
  EXPECT_THAT(set.duplicates[0].places, SizeIs(3));
  EXPECT_THAT(set.manifests, SizeIs(1));
}

TEST(JoinedSets, KeepFaultsAndWarnings) {
  const ManifestSet set = joinSets({readText("a.json", R"({"client_id": "a"})", {}),
                                    readText("b.json", "", {}), readText("c.json", "[1]", {})},
                                   {});
  EXPECT_THAT(rulesOf(set), ElementsAre("scope-default", "file-empty", "not-a-client"));
  EXPECT_THAT(set.warnings, SizeIs(1));
}

TEST(JoinedSets, MayBeNone) { EXPECT_TRUE(joinSets({}, {}).faultless()); }

}  // namespace
}  // namespace hydra_clients::manifest

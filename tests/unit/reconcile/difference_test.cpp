#include "reconcile/difference.h"

#include <gmock/gmock.h>

#include "manifests.h"

namespace hydra_clients::reconcile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// How one field of a manifest and of a live client differ; each side is a member, `"owner":"x"`.
Difference differenceIn(std::string_view field, const std::string& declared, const std::string& live) {
  const auto set = test::setOf(test::publicClient("a", declared + ","));
  const json::Value client = json::parse("{" + live + "}").value();
  return differencesIn({field}, *set->manifests.at(0), client).at(0);
}

TEST(Difference, ShowsBothValues) {
  const Difference difference = differenceIn("owner", R"("owner":"me")", R"("owner":"you")");
  EXPECT_EQ(inWords(difference), R"(owner: the manifest has "me", Hydra has "you")");
  EXPECT_EQ(differenceIn("owner", R"("owner":"me")", "").hydra, "null") << "it has none";
}

TEST(Difference, CutsALongValueBetweenTwoCharacters) {
  const auto shown = [](const std::string& name) {
    return differenceIn("client_name", R"("client_name":"x")", R"("client_name":")" + name + "\"").hydra;
  };
  const std::string longest(Difference::kLongestShown - 2, 'x');
  EXPECT_EQ(shown(longest), '"' + longest + '"');
  EXPECT_EQ(shown(longest + "x"), '"' + longest + "x…");
  EXPECT_EQ(shown(longest + "é"), '"' + longest + "…");
  EXPECT_EQ(shown(longest.substr(1) + "éx"), '"' + longest.substr(1) + "é…");
}

TEST(Difference, ShowsNoKeysAndNoMetadata) {
  const Difference keys =
      differenceIn("jwks", R"("jwks":{"keys":[]})", R"("jwks":{"keys":[{"k":"c2VjcmV0"}]})");
  EXPECT_EQ(keys.manifest + keys.hydra, "");
  EXPECT_THAT(keys.within, IsEmpty());
  EXPECT_EQ(inWords(keys), "jwks: differs");
  const Difference metadata = differenceIn("metadata", R"("metadata":{"a":1})", R"("metadata":{"a":2})");
  EXPECT_EQ(metadata.manifest + metadata.hydra, "");
  EXPECT_EQ(inWords(metadata), "metadata: differs at /a");
  EXPECT_EQ(differenceIn("no_field", R"("owner":"x")", R"("no_field":"y")").hydra, "")
      << "nobody knows what it holds";
}

TEST(Difference, NamesWhatDiffersWithinMetadata) {
  const auto within = [](const std::string& declared, const std::string& live) {
    return differenceIn("metadata", R"("metadata":)" + declared, live.empty() ? "" : R"("metadata":)" + live)
        .within;
  };
  EXPECT_THAT(within(R"({"b":1,"a":{"same":1,"other":[1],"gone":1}})",
                     R"({"a":{"same":1.0,"other":[2],"new":1},"b":2})"),
              ElementsAre("/a/gone", "/a/new", "/a/other", "/b"));
  EXPECT_THAT(within(R"({"a":{"b":1},"c":1})", R"({"a":1,"c":{"b":1}})"), ElementsAre("/a", "/c"));
  EXPECT_THAT(within(R"({"a":null})", "{}"), ElementsAre("/a"));
  EXPECT_THAT(within(R"({"a":{"b":1}})", "{}"), ElementsAre("/a"));
  EXPECT_THAT(within(R"({"a":1})", ""), IsEmpty()) << "all of it";
  EXPECT_THAT(within("null", R"({"a":1})"), IsEmpty());
}

TEST(Difference, LeavesOutTheStampOfAGeneratedSecret) {
  const Difference difference =
      differenceIn("metadata", R"("metadata":{"a":{"b":1}})",
                   R"("metadata":{"hydra_clients":{"import":"x"},"a":{"b":1,"hydra_clients":1},"z":1})");
  EXPECT_THAT(difference.within, ElementsAre("/a/hydra_clients", "/z"));
}

TEST(Difference, NamesSomePlacesAtMost) {
  std::string live = R"("metadata":{"m0":0)";
  for (int i = 1; i < 20; ++i) live += R"(,"m)" + std::to_string(i) + "\":0";
  EXPECT_THAT(differenceIn("metadata", R"("metadata":{"a":1})", live + "}").within,
              SizeIs(Difference::kMostNamed));
}

}  // namespace
}  // namespace hydra_clients::reconcile

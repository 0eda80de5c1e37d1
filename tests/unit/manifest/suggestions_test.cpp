#include "manifest/suggestions.h"

#include <array>

#include <gtest/gtest.h>

namespace hydra_clients::manifest {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"client_id", "client_name", "redirect_uris", "scope"};

TEST(Suggestions, CountInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(editDistance("scope", "scope", 5), 0u);
  EXPECT_EQ(editDistance("scpoe", "scope", 5), 1u);
  EXPECT_EQ(editDistance("scop", "scope", 5), 1u);
  EXPECT_EQ(editDistance("skope", "scope", 5), 1u);
  EXPECT_EQ(editDistance("scoppe", "scope", 5), 1u);
  EXPECT_EQ(editDistance("", "scope", 5), 5u);
}

TEST(Suggestions, StopCountingBeyondTheBound) { EXPECT_EQ(editDistance("abcdefgh", "x", 2), 3u); }

TEST(Suggestions, FindANameWrittenInAnotherStyle) {
  EXPECT_EQ(nearest("clientId", kNames), "client_id");
  EXPECT_EQ(nearest("REDIRECT-URIS", kNames), "redirect_uris");
}

TEST(Suggestions, FindANameWithASlipOfTheFinger) {
  EXPECT_EQ(nearest("redirect_uri", kNames), "redirect_uris");
  EXPECT_EQ(nearest("scpoe", kNames), "scope");
}

TEST(Suggestions, StaySilentWhereNothingIsNear) {
  EXPECT_EQ(nearest("favourite_colour", kNames), std::nullopt);
  EXPECT_EQ(nearest("", kNames), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'c'), kNames), std::nullopt);
}

TEST(Suggestions, KnowWhatPeopleWriteInsteadOfHydrasNames) {
  EXPECT_NE(adviceForFieldName("id").value().find("client_id"), std::string_view::npos);
  EXPECT_NE(adviceForFieldName("scopes").value().find("scope"), std::string_view::npos);
  EXPECT_NE(adviceForFieldName("public").value().find("none"), std::string_view::npos);
  EXPECT_EQ(adviceForFieldName("client_id"), std::nullopt);
}

}  // namespace
}  // namespace hydra_clients::manifest

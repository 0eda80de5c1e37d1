#include "client/edit_distance.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"client_id", "client_name", "redirect_uris", "scope"};

TEST(EditDistance, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(editDistance("scope", "scope", 5), 0u);
  EXPECT_EQ(editDistance("scpoe", "scope", 5), 1u);
  EXPECT_EQ(editDistance("scop", "scope", 5), 1u);
  EXPECT_EQ(editDistance("skope", "scope", 5), 1u);
  EXPECT_EQ(editDistance("scoppe", "scope", 5), 1u);
  EXPECT_EQ(editDistance("", "scope", 5), 5u);
}

TEST(EditDistance, StopsCountingBeyondTheBound) { EXPECT_EQ(editDistance("abcdefgh", "x", 2), 3u); }

TEST(Nearest, FindsANameWrittenInAnotherStyle) {
  EXPECT_EQ(nearest("clientId", kNames), "client_id");
  EXPECT_EQ(nearest("REDIRECT-URIS", kNames), "redirect_uris");
}

TEST(Nearest, FindsANameWithASlipOfTheFinger) {
  EXPECT_EQ(nearest("redirect_uri", kNames), "redirect_uris");
  EXPECT_EQ(nearest("scpoe", kNames), "scope");
  EXPECT_EQ(nearest("redirect", kNames), "redirect_uris") << "the only one that begins so";
}

TEST(Nearest, StaysSilentWhereNothingIsNear) {
  EXPECT_EQ(nearest("favourite_colour", kNames), std::nullopt);
  EXPECT_EQ(nearest("re", kNames), std::nullopt);
  EXPECT_EQ(nearest("", kNames), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'c'), kNames), std::nullopt);
}

}  // namespace
}  // namespace hydra_clients

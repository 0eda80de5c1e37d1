#include "client/fields.h"

#include <algorithm>

#include <gmock/gmock.h>

namespace hydra_clients {
namespace {

std::ptrdiff_t knownBy(HydraVersion version) {
  return std::ranges::count_if(allFields(), [&](const Field& field) { return field.knownBy(version); });
}

// The counts are those of Hydra's client.go at each tag (hydra-admin-api §3).
TEST(Fields, AreAsManyAsEachHydraHas) {
  EXPECT_EQ(knownBy({1, 9, 2}), 33);
  EXPECT_EQ(knownBy({1, 10, 7}), 33);
  EXPECT_EQ(knownBy({1, 11, 8}), 35);
  EXPECT_EQ(knownBy({1, 11, 10}), 47);
  EXPECT_EQ(knownBy({2, 0, 3}), 45);
  EXPECT_EQ(knownBy({2, 1, 2}), 47);
  EXPECT_EQ(knownBy({2, 3, 0}), 48);
  EXPECT_EQ(knownBy({26, 2, 0}), 51);
}

TEST(Fields, AreFoundByTheirExactName) {
  ASSERT_NE(findField("redirect_uris"), nullptr);
  EXPECT_EQ(findField("redirect_uris")->type, FieldType::kStringSet);
  for (const Field& field : allFields()) EXPECT_EQ(findField(field.name), &field);
  EXPECT_EQ(findField("Redirect_uris"), nullptr);
  EXPECT_EQ(findField(""), nullptr);
}

TEST(Fields, AreComparedWhereAManifestMaySetThemAndHydraTells) {
  std::vector<std::string_view> others;
  for (const Field& field : allFields()) {
    if (!field.compared()) others.push_back(field.name);
  }
  EXPECT_THAT(others,
              testing::ElementsAre("client_id", "client_secret", "client_secret_expires_at", "created_at",
                                   "registration_access_token", "registration_client_uri", "updated_at"));
}

TEST(Fields, EachVersionKnowsThoseThatItBringsAndDropsThoseThatItTakesAway) {
  const auto knows = [](std::string_view name, HydraVersion version) {
    return findField(name)->knownBy(version);
  };
  const auto comesWith = [&](std::string_view name, HydraVersion first, HydraVersion before) {
    return knows(name, first) && !knows(name, before);
  };
  EXPECT_TRUE(comesWith("registration_client_uri", {1, 11, 0}, {1, 10, 7}));
  EXPECT_TRUE(comesWith("implicit_grant_id_token_lifespan", {1, 11, 9}, {1, 11, 8}));
  EXPECT_TRUE(comesWith("skip_consent", {2, 1, 0}, {2, 0, 3}));
  EXPECT_TRUE(comesWith("skip_logout_consent", {2, 2, 0}, {2, 1, 2}));
  EXPECT_TRUE(comesWith("device_authorization_grant_id_token_lifespan", {25, 4, 0}, {2, 3, 0}));
  EXPECT_TRUE(comesWith("password_grant_access_token_lifespan", {1, 11, 10}, {2, 0, 0}));
  EXPECT_TRUE(knows("owner", {0, 0, 0}));
}

}  // namespace
}  // namespace hydra_clients

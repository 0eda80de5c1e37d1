#include "client/fields.h"

#include <algorithm>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace hydra_clients

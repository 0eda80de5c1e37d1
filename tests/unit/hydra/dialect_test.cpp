#include "hydra/dialect.h"

#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

TEST(Dialect, PutsAnIdIntoThePathAsOneSegment) {
  const Dialect v1{Family::kV1, {1, 11, 10}, true};
  const Dialect v25{Family::kV25, {26, 2, 0}, true};
  EXPECT_EQ(v1.clientTarget("a b?c#\xc3\xa9"), "/clients/a%20b%3Fc%23%C3%A9");
  EXPECT_EQ(v25.clientTarget("team/a"), "/admin/clients/team%2Fa");
}

TEST(Dialect, KnowsWhichIdsAUrlCannotAddress) {
  for (const Family family : {Family::kV1, Family::kV2_0, Family::kV2_2, Family::kV25}) {
    const Dialect dialect{family, {}, false};
    for (const char* id : {"", ".", "..", "a/"}) EXPECT_FALSE(dialect.addressable(id)) << id;
    for (const char* id : {"a", "...", "a.b", "a b", "a%2Fb", "?", "#", "\xc3\xa9"}) {
      EXPECT_TRUE(dialect.addressable(id)) << id;
    }
    for (const char* id : {"a/b", "/a", "x/..", "./x"})
      EXPECT_EQ(dialect.addressable(id), family == Family::kV25) << id;
  }
}

TEST(Dialect, KnowsWhatEachFamilyTakes) {
  EXPECT_EQ((Dialect{Family::kV1, {}, false}.maxPageSize()), 500);
  EXPECT_EQ((Dialect{Family::kV2_0, {}, false}.maxPageSize()), 1000);
  EXPECT_EQ((Dialect{Family::kV2_2, {}, false}.maxPageSize()), 1000);
  EXPECT_EQ((Dialect{Family::kV25, {}, false}.maxPageSize()), 500);
  EXPECT_FALSE((Dialect{Family::kV2_0, {}, false}.takesChosenIds()));
  EXPECT_TRUE((Dialect{Family::kV1, {}, false}.takesChosenIds()));
}

TEST(Dialect, SaysWhatItKnows) {
  EXPECT_EQ((Dialect{Family::kV2_2, {2, 3, 0}, true}.text()), "Hydra v2.3.0");
  EXPECT_EQ((Dialect{Family::kV1, {1, 11, 10}, false}.text()), "Hydra v1 (version not told)");
}

TEST(Dialect, SaysWhatItGuesses) {
  EXPECT_EQ((Dialect{Family::kV2_0, {2, 1, 2}, false}.text()), "Hydra v2.0 or v2.1 (version not told)");
  EXPECT_EQ((Dialect{Family::kV2_2, {2, 3, 0}, false}.text()), "Hydra v2 (version not told)");
  EXPECT_EQ((Dialect{Family::kV25, {26, 2, 0}, false}.text()), "Hydra v25 or newer (version not told)");
}

TEST(Dialect, IsTheSameWhereAllOfItIs) {
  const Dialect dialect{Family::kV2_2, {2, 3, 0}, true};
  EXPECT_EQ(dialect, (Dialect{Family::kV2_2, {2, 3, 0}, true}));
  for (const Dialect& other :
       {Dialect{Family::kV2_0, {2, 3, 0}, true}, Dialect{Family::kV2_2, {2, 2, 0}, true},
        Dialect{Family::kV2_2, {2, 3, 0}, false}}) {
    EXPECT_NE(dialect, other);
  }
}

}  // namespace
}  // namespace hydra_clients::hydra

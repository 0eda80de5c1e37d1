#include "client/hydra_version.h"

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

TEST(HydraVersion, ReadsReleasesAndLines) {
  EXPECT_EQ(HydraVersion::parse("v1.11.10"), (HydraVersion{1, 11, 10}));
  EXPECT_EQ(HydraVersion::parse("2.2.0-pre.1+build.2"), (HydraVersion{2, 2, 0}));
  EXPECT_EQ(HydraVersion::parse(std::string_view("v1.11.10").substr(0, 7)), (HydraVersion{1, 11, 1}));
  EXPECT_EQ(HydraVersion::parse("v1.11")->text(), "v1.11.x");
  EXPECT_GT(*HydraVersion::parse("1.11"), (HydraVersion{1, 11, 10}));
  EXPECT_LT(*HydraVersion::parse("1.11"), (HydraVersion{2, 0, 0}));
}

TEST(HydraVersion, RefusesWhatIsNone) {
  for (const char* text :
       {"", "master", "v", "1.", "1..2", "1.2.3.4", "1x2", "-1", "1.9999", "99999999999"}) {
    EXPECT_FALSE(HydraVersion::parse(text)) << text;
  }
  EXPECT_FALSE(HydraVersion::parse("1." + std::to_string(HydraVersion::kNewestOfLine)));
}

}  // namespace
}  // namespace hydra_clients

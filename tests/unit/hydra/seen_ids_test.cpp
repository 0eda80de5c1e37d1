#include "hydra/seen_ids.h"

#include <string>

#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

constexpr int kMany = 20'000;

std::string idOf(int number) { return "client-" + std::to_string(number); }

TEST(SeenIds, TellWhatIsNewOfAllReadingsAndOfOne) {
  SeenIds seen;
  for (unsigned reading = 1; reading <= SeenIds::kMostReadings; ++reading) {
    const SeenIds::Sighting first = seen.note("a", reading);
    EXPECT_EQ(first.first, reading == 1);
    EXPECT_TRUE(first.firstOfReading);
    const SeenIds::Sighting second = seen.note("a", reading);
    EXPECT_FALSE(second.first);
    EXPECT_FALSE(second.firstOfReading);
  }
}

TEST(SeenIds, LoseNobodyAsTheyGrow) {
  SeenIds seen;
  for (int i = 0; i < kMany; ++i) EXPECT_TRUE(seen.note(idOf(i), 1).first) << i;
  for (int i = 0; i < kMany; ++i) {
    const SeenIds::Sighting again = seen.note(idOf(i), i % 2 == 0 ? 1 : 2);
    EXPECT_FALSE(again.first) << i;
    EXPECT_EQ(again.firstOfReading, i % 2 != 0) << i;
  }
}

}  // namespace
}  // namespace hydra_clients::hydra

#include "client/rfc3339.h"

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

std::chrono::system_clock::time_point at(long seconds) {
  return std::chrono::system_clock::time_point(std::chrono::seconds(seconds));
}

TEST(Rfc3339, IsWrittenInUtcToTheSecond) {
  EXPECT_EQ(rfc3339(at(1'700'000'000)), "2023-11-14T22:13:20Z");
  EXPECT_EQ(rfc3339(at(1'700'000'000) + std::chrono::milliseconds(999)), "2023-11-14T22:13:20Z");
}

TEST(Rfc3339, IsReadAsItIsWritten) {
  for (const long seconds : {0L, 951'782'399L, 1'700'000'000L, 4'102'444'800L}) {
    EXPECT_EQ(parseRfc3339(rfc3339(at(seconds))), at(seconds));
  }
}

TEST(Rfc3339, ReadsNothingElse) {
  for (const char* text : {"", "now", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14T22:13:20+00:00",
                           "2023-11-14T22:13:20Z ", " 2023-11-14T22:13:20Z", "2023-1-14T22:13:20Z",
                           "2023-02-31T22:13:20Z", "2023-11-14t22:13:20z", "2023-11-14T25:13:20Z"}) {
    EXPECT_FALSE(parseRfc3339(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace hydra_clients

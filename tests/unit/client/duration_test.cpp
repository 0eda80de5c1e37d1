#include "client/duration.h"

#include <limits>

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

TEST(GoDuration, ReadsWhatGoReads) {
  EXPECT_EQ(parseGoDuration("1h30m"), 5'400'000'000'000);
  EXPECT_EQ(parseGoDuration("-1.5s"), -1'500'000'000);
  EXPECT_EQ(parseGoDuration("+.5ms"), 500'000);
  EXPECT_EQ(parseGoDuration("1.s"), 1'000'000'000);
  EXPECT_EQ(parseGoDuration("100µs"), 100'000);
  EXPECT_EQ(parseGoDuration("3μs"), 3'000);
  EXPECT_EQ(parseGoDuration("0"), 0);
  EXPECT_EQ(parseGoDuration("0.0000000001s"), 0);
  EXPECT_EQ(parseGoDuration("9223372036854775807ns"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parseGoDuration("-9223372036854775808ns"), std::numeric_limits<std::int64_t>::min());
}

TEST(GoDuration, RefusesWhatGoRefuses) {
  for (const char* text :
       {"", "1", "s", ".s", "-", "1d", "1 h", "1h ", "1,5s", "9223372036854775808ns", "3000000h", "1H"}) {
    EXPECT_FALSE(parseGoDuration(text)) << text;
  }
}

TEST(GoDuration, PrintsAsGoPrints) {
  EXPECT_EQ(formatGoDuration(0), "0s");
  EXPECT_EQ(formatGoDuration(5'400'000'000'000), "1h30m0s");
  EXPECT_EQ(formatGoDuration(1'500'000'000), "1.5s");
  EXPECT_EQ(formatGoDuration(-1'500'000), "-1.5ms");
  EXPECT_EQ(formatGoDuration(1'100), "1.1µs");
  EXPECT_EQ(formatGoDuration(60'000'000'001), "1m0.000000001s");
  EXPECT_EQ(formatGoDuration(std::numeric_limits<std::int64_t>::min()), "-2562047h47m16.854775808s");
}

}  // namespace
}  // namespace hydra_clients

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

TEST(GoDuration, ReadsEveryUnit) {
  EXPECT_EQ(parseGoDuration("1ns"), 1);
  EXPECT_EQ(parseGoDuration("1us"), 1'000);
  EXPECT_EQ(parseGoDuration("1ms"), 1'000'000);
  EXPECT_EQ(parseGoDuration("1s"), 1'000'000'000);
  EXPECT_EQ(parseGoDuration("1m"), 60'000'000'000);
  EXPECT_EQ(parseGoDuration("1h"), 3'600'000'000'000);
  EXPECT_EQ(parseGoDuration("1h2m3s4ms5us6ns"), 3'723'004'005'006);
  EXPECT_EQ(parseGoDuration("1.5h.5m09s"), 5'439'000'000'000);
}

TEST(GoDuration, ReadsUpToWhatFits64Bits) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(parseGoDuration("2562047h47m16.854775807s"), kMost);
  EXPECT_EQ(parseGoDuration("-2562047h47m16.854775808s"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parseGoDuration("-9223372036.854775808s"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parseGoDuration("9223372036854775807.9ns"), kMost) << "less than one is cut off";
  for (const char* text : {"2562047h47m16.854775808s", "-2562047h47m16.854775809s", "2562048h",
                           "9223372036.9s", "9223372036854775809ns", "92233720368547758080ns",
                           "18446744073709551617ns", "5124096h", "9223372036854775808ns9223372036.9s"}) {
    EXPECT_FALSE(parseGoDuration(text)) << text;
  }
}

// What Go's time.ParseDuration makes of them: it stops to read where 63 bits are full.
TEST(GoDuration, CutsAFractionThatIsTooLong) {
  EXPECT_EQ(parseGoDuration("0.3333333333333333333h"), 1'200'000'000'000);
  EXPECT_EQ(parseGoDuration("0.100000000000000000000h"), 360'000'000'000);
  EXPECT_EQ(parseGoDuration("0.99999999999999999999s"), 1'000'000'000);
  EXPECT_EQ(parseGoDuration("0.9223372036854775808h"), 3'320'413'933'267);
  EXPECT_EQ(parseGoDuration("0.830103483285477580700h"), 2'988'372'539'827);
}

TEST(GoDuration, RefusesWhatGoRefuses) {
  for (const char* text :
       {"",         "1",  "s",   ".s", "-",   "1d",   "1 h",  "1h ",   "1,5s", "9223372036854775808ns",
        "3000000h", "1H", "-.s", "+",  "1.5", "1h30", "--1s", "1h-1m", "1.",   "1:s"}) {
    EXPECT_FALSE(parseGoDuration(text)) << text;
  }
}

TEST(GoDuration, PrintsAsGoPrints) {
  EXPECT_EQ(formatGoDuration(0), "0s");
  EXPECT_EQ(formatGoDuration(5'400'000'000'000), "1h30m0s");
  EXPECT_EQ(formatGoDuration(1'500'000'000), "1.5s");
  EXPECT_EQ(formatGoDuration(-1'500'000), "-1.5ms");
  EXPECT_EQ(formatGoDuration(1'100), "1.1µs");
  EXPECT_EQ(formatGoDuration(1), "1ns");
  EXPECT_EQ(formatGoDuration(999), "999ns");
  EXPECT_EQ(formatGoDuration(1'000), "1µs");
  EXPECT_EQ(formatGoDuration(999'999), "999.999µs");
  EXPECT_EQ(formatGoDuration(1'000'000), "1ms");
  EXPECT_EQ(formatGoDuration(999'999'999), "999.999999ms");
  EXPECT_EQ(formatGoDuration(1'000'000'000), "1s");
  EXPECT_EQ(formatGoDuration(59'999'999'999), "59.999999999s");
  EXPECT_EQ(formatGoDuration(60'000'000'000), "1m0s");
  EXPECT_EQ(formatGoDuration(60'000'000'001), "1m0.000000001s");
  EXPECT_EQ(formatGoDuration(3'599'000'000'000), "59m59s");
  EXPECT_EQ(formatGoDuration(3'600'000'000'000), "1h0m0s");
  EXPECT_EQ(formatGoDuration(std::numeric_limits<std::int64_t>::min()), "-2562047h47m16.854775808s");
}

}  // namespace
}  // namespace hydra_clients

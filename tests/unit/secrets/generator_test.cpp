#include "secrets/generator.h"

#include <array>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace hydra_clients::secrets {
namespace {

std::string generated() { return std::string(generateClientSecret().reveal(Purpose::kImportOutput)); }

TEST(Generator, MakesTwentySixCharactersOfHydrasAlphabet) {
  for (int i = 0; i < 1000; ++i) {
    const std::string secret = generated();
    ASSERT_EQ(secret.size(), 26U);
    ASSERT_EQ(secret.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~"),
              std::string::npos);
  }
}

TEST(Generator, NeverRepeatsASecret) {
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) EXPECT_TRUE(seen.insert(generated()).second);
}

// Chi-squared over 66 symbols, 65 degrees of freedom: 150 is passed by chance once in 10^8 runs. With a plain
// modulo (58 symbols 4/256 each, 8 of them 3/256) it would be above 1000.
TEST(Generator, MakesEverySymbolEquallyLikely) {
  std::array<double, 256> counts{};
  constexpr int kSecrets = 8000;
  for (int i = 0; i < kSecrets; ++i) {
    for (const char c : generated()) ++counts[static_cast<unsigned char>(c)];
  }
  const double expected = kSecrets * 26.0 / 66;
  double chiSquared = 0;
  int symbols = 0;
  for (const double count : counts) {
    if (count == 0) continue;
    ++symbols;
    chiSquared += (count - expected) * (count - expected) / expected;
  }
  EXPECT_EQ(symbols, 66);
  EXPECT_LT(chiSquared, 150);
}

}  // namespace
}  // namespace hydra_clients::secrets

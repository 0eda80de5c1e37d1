#include "client/fingerprint.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

TEST(Fingerprint, IsTheSameForTheSameTextWhereverItStands) {
  const std::string text(1000, 'x');
  const std::string further = "a" + text;
  EXPECT_EQ(fingerprintOf(text), fingerprintOf(std::string_view(further).substr(1)));
}

TEST(Fingerprint, TellsTextsApartThatDifferInAnyByteOrTheirLength) {
  const std::string text(300, 'x');
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  const auto note = [&](std::string_view other) {
    const Fingerprint fingerprint = fingerprintOf(other);
    seen.emplace(fingerprint.low, fingerprint.high);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    note(std::string_view(text).substr(i));
    std::string other = text;
    other[i] = 'y';
    note(other);
  }
  EXPECT_EQ(seen.size(), 2 * text.size());
}

}  // namespace
}  // namespace hydra_clients

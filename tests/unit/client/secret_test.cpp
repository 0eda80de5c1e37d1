#include "client/secret.h"

#include <concepts>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

// Redaction by type: what does not compile cannot leak.
static_assert(!Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_copy_constructible_v<Secret>);

TEST(Secret, TakesTheBytesAndLeavesNothingBehind) {
  std::string bytes = "short";
  const Secret secret(std::move(bytes));
  EXPECT_TRUE(bytes.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(secret.reveal(Purpose::kEncryption), "short");
}

TEST(Wipe, ClearsWhatAShortStringHeldBeforeItWasMovedFrom) {
  std::string source = "short";
  const char* const bytes = source.data();
  const std::string taken = std::move(source);
  wipe(source);
  EXPECT_NE(std::string_view(bytes, 5), "short");
  EXPECT_EQ(taken, "short");
}

TEST(Secret, MovesWithoutACopyLeftBehind) {
  Secret first(std::string("short"));
  const Secret second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(second.size(), 5U);
}

}  // namespace
}  // namespace hydra_clients

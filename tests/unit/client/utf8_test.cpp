#include "client/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

constexpr std::size_t kLongerThanWords = 40;

TEST(Utf8, HasItsFirstInvalidByteFoundWhereverItStands) {
  for (std::size_t at = 0; at < kLongerThanWords; ++at) {
    std::string text(kLongerThanWords, 'a');
    text[at] = '\xFF';
    EXPECT_EQ(firstInvalidUtf8(text), at);
    text[at] = '\xC3';  // the begin of a character that does not go on
    EXPECT_EQ(firstInvalidUtf8(text), at);
  }
}

TEST(Utf8, IsValidWhereverItsLongCharactersStand) {
  for (std::size_t at = 0; at < kLongerThanWords; ++at) {
    std::string text(kLongerThanWords, 'a');
    for (const char* const character : {"\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x94\x91"})
      text.insert(at, character);
    EXPECT_EQ(firstInvalidUtf8(text), std::string_view::npos) << at;
  }
  EXPECT_EQ(firstInvalidUtf8(""), std::string_view::npos);
}

}  // namespace
}  // namespace hydra_clients

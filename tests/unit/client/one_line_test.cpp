#include "client/one_line.h"

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

TEST(OneLine, LeavesWhatPeopleWriteAsItIs) {
  EXPECT_EQ(onOneLine("shop-web \\ 日本語 \xF0\x9F\x98\x80"), "shop-web \\ 日本語 \xF0\x9F\x98\x80");
}

TEST(OneLine, ShowsControlCharactersOfBothKinds) {
  EXPECT_EQ(onOneLine("a\n\x1b[31m\x7f\xC2\x9B"), "a\\x0a\\x1b[31m\\x7f\\xc2\\x9b");
}

TEST(OneLine, ShowsWhatWouldEndALineOrTurnItsDirection) {
  EXPECT_EQ(onOneLine("\xE2\x80\xA8 \xE2\x80\xAE \xE2\x81\xA6"),
            "\\xe2\\x80\\xa8 \\xe2\\x80\\xae \\xe2\\x81\\xa6");
}

TEST(OneLine, ShowsBytesThatAreNotUtf8) { EXPECT_EQ(onOneLine("a\xFF\xE2\x80"), "a\\xff\\xe2\\x80"); }

}  // namespace
}  // namespace hydra_clients

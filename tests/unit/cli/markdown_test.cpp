#include "cli/markdown.h"

#include <gtest/gtest.h>

namespace hydra_clients::cli {
namespace {

TEST(Markdown, CodeOfStrangersIsACodeSpanWhereNothingInItCouldEndIt) {
  EXPECT_EQ(foreignCode("shop-web"), "`shop-web`");
  EXPECT_EQ(foreignCode("@everyone <b> [x](y) *z* #1 & &lt;"), "`@everyone <b> [x](y) *z* #1 & &lt;`");
  EXPECT_EQ(foreignCode(""), "-");
}

TEST(Markdown, CodeOfStrangersIsHtmlWithoutPunctuationWhereASpanCouldBeEnded) {
  EXPECT_EQ(foreignCode("a`b"), "<code>a&#96;b</code>");
  EXPECT_EQ(foreignCode("a|b"), "<code>a&#124;b</code>");
  EXPECT_EQ(foreignCode("a\\"), "<code>a&#92;</code>");
  EXPECT_EQ(foreignCode("`<img src=x>@all_1"), "<code>&#96;&#60;img src&#61;x&#62;&#64;all&#95;1</code>");
}

TEST(Markdown, CodeOfStrangersStaysOnItsLine) {
  EXPECT_EQ(foreignCode("a\n| b |\r\x1b"), "<code>a&#92;x0a&#124; b &#124;&#92;x0d&#92;x1b</code>");
  EXPECT_EQ(foreignHtmlCode("</code></summary>\n\n"),
            "<code>&#60;/code&#62;&#60;/summary&#62;&#92;x0a&#92;x0a</code>");
}

TEST(Markdown, ABlockOfStrangersEndsWhereWeEndIt) {
  EXPECT_EQ(foreignBlock("a\nb", "text"), "```text\na\nb\n```\n");
  EXPECT_EQ(foreignBlock("a\n```\nb\n", "sh"), "````sh\na\n```\nb\n````\n");
  EXPECT_EQ(foreignBlock("`````", ""), "``````\n`````\n``````\n");
}

}  // namespace
}  // namespace hydra_clients::cli

#include "cli/source_excerpt.h"

#include <gmock/gmock.h>

namespace hydra_clients::cli {
namespace {

using manifest::Location;
using testing::HasSubstr;
using testing::Not;

Excerpt excerptOf(const std::string& text, std::size_t line, std::size_t column,
                  const std::string& pointer = "") {
  const auto excerpt = SourceText(text).excerpt(Location{"a.json", line, column, pointer});
  EXPECT_TRUE(excerpt);
  return excerpt.value_or(Excerpt{});
}

TEST(SourceExcerpt, ShowsTheLineAndMarksTheToken) {
  const Excerpt excerpt = excerptOf("{\n  \"scopes\": 5,\n}", 2, 3, "/scopes");
  EXPECT_EQ(excerpt.line, "  \"scopes\": 5,");
  EXPECT_EQ(excerpt.marks, "  ^~~~~~~~");
}

TEST(SourceExcerpt, ShowsTheValueThatIsAtFaultAndHidesAllOthers) {
  const Excerpt excerpt =
      excerptOf(R"({"owner": "someone", "subject_type": "publik"})", 1, 38, "/subject_type");
  EXPECT_EQ(excerpt.line, R"({"owner": "…", "subject_type": "publik"})");
  EXPECT_EQ(excerpt.marks, R"(                               ^~~~~~~~)");
}

TEST(SourceExcerpt, NeverShowsASecret) {
  for (const char* pointer : {"/client_secret", "/0/client_secret", "/jwks/keys/0/d", "/jwks/keys/0/k"}) {
    EXPECT_THAT(excerptOf(R"("x": "top-secret")", 1, 6, pointer).line, Not(HasSubstr("top"))) << pointer;
    EXPECT_THAT(excerptOf(R"("x": 123456)", 1, 6, pointer).line, Not(HasSubstr("123456"))) << pointer;
  }
}

TEST(SourceExcerpt, NeverShowsASecretWhoseSyntaxIsBroken) {
  for (const char* text : {R"({"client_secret": topsecret})", R"({"client_secret": 'topsecret'})",
                           R"({"client_secret" "topsecret"})", R"({"client_secret": "topsecret)"}) {
    for (std::size_t column = 1; column < 30; ++column) {
      for (const char* pointer : {"", "/0"}) {
        EXPECT_THAT(excerptOf(text, 1, column, pointer).line, Not(HasSubstr("topsecret"))) << text << column;
      }
    }
  }
}

TEST(SourceExcerpt, NeverShowsASecretThatStandsInThePlaceOfItsReference) {
  EXPECT_THAT(excerptOf(R"({"client_secret_from": "topsecret"})", 1, 24, "/client_secret_from").line,
              Not(HasSubstr("topsecret")));
}

TEST(SourceExcerpt, HidesLongNumbersBesideTheFault) {
  EXPECT_EQ(excerptOf(R"({"client_secret": 12345678, "x": 5, "skip_consent": true})", 1, 29, "/x").line,
            R"({"client_secret": …, "x": 5, "skip_consent": true})");
}

TEST(SourceExcerpt, HidesWhatStandsBelowAMisspeltName) {
  EXPECT_EQ(excerptOf(R"("client_secrt": "top-secret")", 1, 1, "/client_secrt").line,
            R"("client_secrt": "…")");
}

TEST(SourceExcerpt, HidesAStringThatIsNotClosed) {
  EXPECT_THAT(excerptOf(R"({"client_secret": "top-secret)", 1, 30).line, Not(HasSubstr("top")));
}

TEST(SourceExcerpt, HidesAStringWithEscapedQuotes) {
  EXPECT_THAT(excerptOf(R"({"a": "x\"top-secret", "b": 1})", 1, 24, "/b").line, Not(HasSubstr("top")));
}

TEST(SourceExcerpt, ShowsWhereAReferenceToASecretLeads) {
  EXPECT_THAT(excerptOf(R"({"env": "APP"})", 1, 9, "/client_secret_from/env").line, HasSubstr("APP"));
}

TEST(SourceExcerpt, CountsCharactersAndNotBytes) {
  const Excerpt excerpt = excerptOf("{\"ä\": true, \"scöpe\": 1}", 1, 13, "/scöpe");
  EXPECT_EQ(excerpt.line, "{\"ä\": true, \"scöpe\": 1}");
  EXPECT_EQ(excerpt.marks, "            ^~~~~~~");
}

TEST(SourceExcerpt, SendsNoCommandsToATerminal) {
  const Excerpt excerpt = excerptOf("\t\"a\x1b[31m\": 1, \"\xE2\x80\xAE\": 2, \"\xC2\x9B\": 3", 1, 2);
  EXPECT_THAT(excerpt.line, Not(HasSubstr("\x1b")));
  EXPECT_THAT(excerpt.line, Not(HasSubstr("\xE2\x80\xAE")));
  EXPECT_THAT(excerpt.line, Not(HasSubstr("\xC2\x9B")));
  EXPECT_THAT(excerpt.line, Not(HasSubstr("\t")));
  EXPECT_EQ(excerpt.marks.find('^'), 1U);
}

TEST(SourceExcerpt, CutsALongLineAroundTheFault) {
  const std::string before(5'000, ' ');
  const Excerpt excerpt = excerptOf("{" + before + "\"scopes\": 5" + before + "}", 1, 5'002, "/scopes");
  EXPECT_THAT(excerpt.line, testing::StartsWith("…"));
  EXPECT_THAT(excerpt.line, testing::EndsWith("…"));
  EXPECT_LT(excerpt.line.size(), SourceText::kWidest + 10);
  const std::size_t caret = excerpt.marks.find('^');
  // The cut mark is one character of three bytes.
  EXPECT_EQ(excerpt.line.substr(caret + 2, 8), "\"scopes\"");
}

TEST(SourceExcerpt, MarksTheEndOfALineThatEndsTooSoon) {
  const Excerpt excerpt = excerptOf("{\"a\": 1", 1, 8);
  EXPECT_EQ(excerpt.line, "{\"a\": 1");
  EXPECT_EQ(excerpt.marks, "       ^");
}

TEST(SourceExcerpt, OfAPlaceThatIsNotThereIsNone) {
  EXPECT_FALSE(SourceText("{}").excerpt(Location{"a.json", 7, 1, ""}));
  EXPECT_FALSE(SourceText("{}").excerpt(Location{"a.json", 0, 0, ""}));
}

TEST(SourceExcerpt, MarksTheStringThatHoldsTheFault) {
  const Excerpt excerpt = excerptOf("{\"scope\": \"a\x01 top-secret\"}", 1, 13, "/scope");
  EXPECT_EQ(excerpt.line, "{\"scope\": \"…\"}");
  EXPECT_EQ(excerpt.marks, "          ^~~");
}

/// 200,000 faults of one line: read from its begin for each, it would take hours.
TEST(SourceExcerpt, ReadsALongLineOnceForAllItsFaults) {
  constexpr std::size_t kFaults = 200'000;
  const std::string element = "{\"ä\":\"x\"},";
  std::string text;
  for (std::size_t i = 0; i < kFaults; ++i) text += element;
  SourceText source(text);
  const std::size_t width = element.size() - 1;  // in characters
  for (std::size_t i = 0; i < kFaults; ++i) {
    const auto excerpt = source.excerpt(Location{"a.json", 1, i * width + 2, "/ä"});
    ASSERT_TRUE(excerpt);
    ASSERT_EQ(excerpt->marks.substr(excerpt->marks.find('^')), "^~~");
  }
}

TEST(SourceExcerpt, ShowsTheSameInWhateverOrderItIsAsked) {
  const std::string text = "{" + std::string(500, ' ') + "\"a\": 1, \"b\": 2}";
  SourceText source(text);
  const Location a{"a.json", 1, 502, "/a"};
  const Location b{"a.json", 1, 510, "/b"};
  const auto late = source.excerpt(b);
  const auto early = source.excerpt(a);
  ASSERT_TRUE(late && early);
  EXPECT_EQ(early->line, excerptOf(text, 1, 502, "/a").line);
  EXPECT_EQ(source.excerpt(b)->line, late->line);
}

}  // namespace
}  // namespace hydra_clients::cli

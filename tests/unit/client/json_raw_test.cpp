#include "client/json_raw.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "client/json.h"

namespace hydra_clients::json {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = RawFault::Kind;

struct Split {
  std::vector<std::string> elements;
  std::optional<RawFault> fault;
};

Split split(std::string_view text) {
  Split split;
  split.fault = splitArray(text, [&](std::string_view element) { split.elements.emplace_back(element); });
  return split;
}

/// An array that holds the element twice.
std::string twice(const std::string& element) {
  std::string text = "[";
  text += element;
  text += ',';
  text += element;
  text += ']';
  return text;
}

TEST(SplitArray, GivesEachElementsOwnBytes) {
  const Split found = split("[{\"a\":[1,{\"b\":2}]},[] , \"x,y\",\n-1.5e3,null]");
  EXPECT_FALSE(found.fault);
  EXPECT_THAT(found.elements, ElementsAre(R"({"a":[1,{"b":2}]})", "[]", R"("x,y")", "-1.5e3", "null"));
}

TEST(SplitArray, GivesNothingOfAnEmptyArray) {
  for (const char* text : {"[]", " [ ] ", "\n[\t]\r\n"}) {
    EXPECT_FALSE(split(text).fault) << text;
    EXPECT_THAT(split(text).elements, IsEmpty()) << text;
  }
}

TEST(SplitArray, TakesNoBracketQuoteOrCommaOfAStringForItsOwn) {
  const std::string odd = R"({"]}":"[{,\"]\\","\\\"":"\\"})";
  const Split found = split(twice(odd));
  EXPECT_FALSE(found.fault);
  EXPECT_THAT(found.elements, ElementsAre(odd, odd));
}

/// Any odd text at each place of the 64 bytes that are looked at together, and across two such.
TEST(SplitArray, ReadsQuotesAndBackslashesAlikeWhereverTheyStand) {
  for (const char* odd :
       {R"("\"]")", R"("\\")", R"("\\\"}")", R"("[")", R"("\\\\","]")", R"("y_Y")", R"([["]"],{}])"}) {
    for (std::size_t before = 0; before < 130; ++before) {
      const std::string element = "{\"" + std::string(before, 'x') + "\":[" + odd + "]}";
      const Split found = split(twice(element));
      ASSERT_FALSE(found.fault) << element;
      ASSERT_THAT(found.elements, ElementsAre(element, element));
    }
    for (std::size_t backslashes = 0; backslashes < 140; backslashes += 2) {
      const std::string element = "{\"" + std::string(backslashes, '\\') + "\":[" + odd + "]}";
      ASSERT_THAT(split(twice(element)).elements, ElementsAre(element, element));
    }
  }
}

TEST(SplitArray, PassesBytesThroughThatAreNoUtf8) {
  const std::string odd = "{\"\xff\":\"\xc3\xed\xa0\x80\"}";
  EXPECT_THAT(split("[" + odd + "]").elements, ElementsAre(odd));
}

TEST(SplitArray, FollowsAnyNestingWithoutAStackOfItsOwn) {
  constexpr std::size_t kDeep = 2'000'000;
  const std::string deep = std::string(kDeep, '[') + std::string(kDeep, ']');
  const Split found = split("[" + deep + ",1]");
  EXPECT_FALSE(found.fault);
  EXPECT_THAT(found.elements, ElementsAre(deep, "1"));
}

TEST(SplitArray, SaysOfEveryCutThatItIsOne) {
  const std::string text = R"([{"a":"b\"c","d":[1,{}]},"e",{"f":null}])";
  ASSERT_FALSE(split(text).fault);
  for (std::size_t length = 0; length < text.size(); ++length) {
    const Split found = split(text.substr(0, length));
    ASSERT_TRUE(found.fault) << length;
    EXPECT_EQ(found.fault->kind, Kind::kCut) << length;
    EXPECT_EQ(found.fault->offset, length);
  }
}

TEST(SplitArray, SaysWhatElseIsWrongAndWhere) {
  const std::vector<std::tuple<std::string, Kind, std::size_t>> kBroken{
      {R"({"a":1})", Kind::kNoArray, 0},
      {" null", Kind::kNoArray, 1},
      {"<html>", Kind::kNoArray, 0},
      {"[1] x", Kind::kTrailing, 4},
      {"[][]", Kind::kTrailing, 2},
      {"[]]", Kind::kTrailing, 2},
      {std::string("[]\0x", 4), Kind::kTrailing, 2},
      {"[,1]", Kind::kBroken, 1},
      {"[1,]", Kind::kBroken, 3},
      {"[1 2]", Kind::kBroken, 3},
      {"[{}{}]", Kind::kBroken, 3},
      {"[1}", Kind::kBroken, 2},
  };
  for (const auto& [text, kind, offset] : kBroken) {
    const Split found = split(text);
    ASSERT_TRUE(found.fault) << text;
    EXPECT_EQ(found.fault->kind, kind) << text;
    EXPECT_EQ(found.fault->offset, offset) << text;
  }
}

TEST(SplitArray, LeavesTheJudgementOfAnElementToItsReader) {
  const Split found = split(R"([{"a":nonsense,},{"b"]])");
  EXPECT_FALSE(found.fault);
  EXPECT_THAT(found.elements, ElementsAre(R"({"a":nonsense,})", R"({"b"])"));
}

TEST(SplitArray, CutsAsTheReaderOfElementsDoes) {
  const std::string text = R"( [ {"a" : [1, "\\"]} , 1e400, "\ud800", [[]], true ] )";
  std::vector<std::string> read;
  ASSERT_FALSE(readElements(text, {}, Strictness::kLive, [&](Element&& element) {
    read.push_back(text.substr(element.value.begin, element.value.end - element.value.begin));
  }));
  EXPECT_EQ(split(text).elements, read);
}

TEST(RawValue, IsTheOneValueWithoutWhiteSpaceAroundIt) {
  EXPECT_EQ(rawValue(" {\"a\":[]}\n"), R"({"a":[]})");
  EXPECT_EQ(rawValue("\"a\""), "\"a\"");
  EXPECT_EQ(rawValue("12"), "12");
}

TEST(RawValue, IsNoneWhereTheTextIsCutOrGoesOn) {
  EXPECT_EQ(rawValue("").error().kind, Kind::kCut);
  EXPECT_EQ(rawValue(R"({"a":{})").error().kind, Kind::kCut);
  EXPECT_EQ(rawValue(R"("a\")").error().kind, Kind::kCut);
  EXPECT_EQ(rawValue("{}{}").error().kind, Kind::kTrailing);
  EXPECT_EQ(rawValue("}").error().kind, Kind::kBroken);
}

TEST(RawStringLength, EndsAtTheFirstQuoteThatIsNotEscaped) {
  EXPECT_EQ(rawStringLength(R"("a":1)"), 3U);
  EXPECT_EQ(rawStringLength(R"("\"\\"")"), 6U);
  EXPECT_EQ(rawStringLength("a\"b\""), 0U);
  EXPECT_EQ(rawStringLength("\"a"), 0U);
  EXPECT_EQ(rawStringLength("\"a\\"), 0U);
  EXPECT_EQ(rawStringLength(""), 0U);
}

}  // namespace
}  // namespace hydra_clients::json

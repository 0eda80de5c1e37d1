#include "client/json.h"

#include <gmock/gmock.h>

#include "client/utf8.h"

namespace hydra_clients::json {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Reading {
  std::vector<Element> elements;
  std::optional<SyntaxFault> fault;
};

Reading readManifests(std::string_view text, const Limits& limits = {}) {
  Reading reading;
  reading.fault = readElements(text, limits, Strictness::kManifest,
                               [&](Element&& element) { reading.elements.push_back(std::move(element)); });
  return reading;
}

std::vector<std::string> rulesOf(const Reading& reading) {
  std::vector<std::string> rules;
  for (const Element& element : reading.elements) {
    for (const SyntaxFault& fault : element.faults) rules.push_back(fault.rule);
  }
  if (reading.fault) rules.push_back(reading.fault->rule);
  return rules;
}

TEST(ReadElements, GivesOneObjectAsOneElementWithItsPlace) {
  const std::string text = "\n  {\"client_id\" : \"app\"}\n";
  const Reading reading = readManifests(text);
  ASSERT_EQ(reading.elements.size(), 1U);
  const Element& element = reading.elements.front();
  EXPECT_FALSE(element.inArray);
  EXPECT_EQ(element.value.begin, 3U);
  EXPECT_EQ(element.value.end, text.size() - 1);
  const Value* id = element.value.find("client_id");
  ASSERT_NE(id, nullptr);
  EXPECT_EQ(id->text, "app");
  EXPECT_EQ(text.substr(id->begin, id->end - id->begin), "\"app\"");
  EXPECT_EQ(element.value.members.front().nameBegin, 4U);
}

TEST(ReadElements, GivesTheElementsOfAnArrayInTurn) {
  const Reading reading = readManifests(R"([{"a":1}, 2, {"b":[{"c":null}]}])");
  ASSERT_EQ(reading.elements.size(), 3U);
  EXPECT_TRUE(reading.elements[2].inArray);
  EXPECT_EQ(reading.elements[2].index, 2U);
  EXPECT_EQ(write(reading.elements[2].value), R"({"b":[{"c":null}]})");
  EXPECT_EQ(reading.elements[1].value.kind, Kind::kNumber);
}

TEST(ReadElements, KeepsNumbersAsTheyWereWritten) {
  const Reading reading = readManifests(R"({"n":[18446744073709551617,1.0,-0.5e+3,1E2]})");
  EXPECT_EQ(write(reading.elements.at(0).value), R"({"n":[18446744073709551617,1.0,-0.5e+3,1E2]})");
}

TEST(ReadElements, ShowsAnArrayInsideAnArrayAsAnElement) {
  const Reading reading = readManifests("[[1,2],[]]");
  ASSERT_EQ(reading.elements.size(), 2U);
  EXPECT_EQ(write(reading.elements[0].value), "[1,2]");
}

TEST(ReadElements, RefusesAMemberThatStandsTwiceWithoutCase) {
  const Reading reading = readManifests(R"({"scope":"a","SCOPE":"b"})");
  ASSERT_EQ(reading.elements.size(), 1U);
  ASSERT_EQ(reading.elements[0].faults.size(), 1U);
  EXPECT_EQ(reading.elements[0].faults[0].rule, "json-duplicate-key");
  EXPECT_EQ(reading.elements[0].faults[0].offset, 13U);
  EXPECT_EQ(reading.elements[0].faults[0].pointer, "/SCOPE");
}

TEST(ReadElements, ShortensANameInAPointerThatNobodyCouldRead) {
  const std::string name(5000, 'n');
  const Reading reading = readManifests("{\"" + name + "\":{\"a\":1,\"a\":2}}");
  ASSERT_EQ(reading.elements.at(0).faults.size(), 1U);
  EXPECT_LT(reading.elements[0].faults[0].pointer.size(), 300U);
  EXPECT_THAT(reading.elements[0].faults[0].pointer, testing::EndsWith("n…/a"));
}

TEST(ReadElements, FoldsNamesAsGoDoes) {
  EXPECT_THAT(rulesOf(readManifests("{\"jwks\":1,\"jw\xE2\x84\xAA\x73\":2}")),
              ElementsAre("json-duplicate-key"));
  EXPECT_THAT(rulesOf(readManifests("{\"scope\":1,\"\xC5\xBF\x63ope\":2}")),
              ElementsAre("json-duplicate-key"));
}

TEST(ReadElements, MatchesNamesInsideMetadataWithCase) {
  EXPECT_THAT(rulesOf(readManifests(R"({"metadata":{"a":{"k":1,"K":2}}})")), IsEmpty());
  EXPECT_THAT(rulesOf(readManifests(R"({"metadata":{"a":{"k":1,"k":2}}})")),
              ElementsAre("json-duplicate-key"));
}

TEST(ReadElements, StillGivesTheIdOfAnElementAtFault) {
  const Reading reading = readManifests(R"([{"client_id":"a","x":1,"x":2},{"client_id":"b"}])");
  ASSERT_EQ(reading.elements.size(), 2U);
  EXPECT_EQ(reading.elements[0].value.find("client_id")->text, "a");
  EXPECT_THAT(reading.elements[1].faults, IsEmpty());
}

TEST(ReadElements, RefusesWhatIsNestedTooDeepAndReadsOn) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  const Reading reading = readManifests("[{\"metadata\":" + deep + "},{\"client_id\":\"b\"}]");
  EXPECT_FALSE(reading.fault);
  ASSERT_EQ(reading.elements.size(), 2U);
  ASSERT_EQ(reading.elements[0].faults.size(), 1U);
  EXPECT_EQ(reading.elements[0].faults[0].rule, "json-nesting");
  EXPECT_THAT(reading.elements[0].faults[0].message, HasSubstr("32"));
}

TEST(ReadElements, SurvivesAMillionOpenBrackets) {
  EXPECT_THAT(rulesOf(readManifests(std::string(1'000'000, '['))), ElementsAre("json-syntax"));
}

TEST(ReadElements, HoldsTheLimitsOfStringsAndClients) {
  Limits limits;
  limits.stringBytes = 10;
  EXPECT_THAT(rulesOf(readManifests(R"({"a":"12345678901"})", limits)), ElementsAre("json-string-length"));
  limits = {};
  limits.elementBytes = 20;
  EXPECT_THAT(rulesOf(readManifests(R"([{"a":"12345678901234567890"},{"a":1}])", limits)),
              ElementsAre("client-size"));
}

TEST(ReadElements, NeverQuotesTheContentOfAString) {
  Limits limits;
  limits.stringBytes = 10;
  const Reading reading = readManifests(R"({"client_secret":"top-secret-value"})", limits);
  EXPECT_THAT(reading.elements.at(0).faults.at(0).message, testing::Not(HasSubstr("top-secret")));
}

struct BadText {
  std::string_view name;
  std::string text;
  std::string_view rule;
  std::size_t offset;
  std::string_view says;
};

void PrintTo(const BadText& bad, std::ostream* out) { *out << bad.name; }

class ReadBadText : public testing::TestWithParam<BadText> {};

TEST_P(ReadBadText, IsRefusedWithItsPlaceAndInWords) {
  const Reading reading = readManifests(GetParam().text);
  ASSERT_TRUE(reading.fault);
  EXPECT_EQ(reading.fault->rule, GetParam().rule);
  EXPECT_EQ(reading.fault->offset, GetParam().offset);
  EXPECT_THAT(reading.fault->message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, ReadBadText,
    testing::Values(BadText{"empty", "", "json-syntax", 0, "no JSON value"},
                    BadText{"blank", " \n ", "json-syntax", 3, "no JSON value"},
                    BadText{"after", R"({"a":1} {"b":2})", "json-syntax", 8, "nothing may follow"},
                    BadText{"comma", R"({"a":1,})", "json-syntax", 7, "no comma after the last"},
                    BadText{"element_comma", R"([{"a":1},])", "json-syntax", 9, "no comma after the last"},
                    BadText{"comment", "// x\n{}", "json-syntax", 0, "no comments"},
                    BadText{"comment_inside", "{\n// x\n}", "json-syntax", 2, "no comments"},
                    BadText{"quotes", "{'a':1}", "json-syntax", 1, "double quotes"},
                    BadText{"cut", R"({"a":)", "json-syntax", 5, "ends before"},
                    BadText{"control", "{\"a\":\"x\ty\"}", "json-syntax", 7, "control character"},
                    BadText{"escape", R"({"a":"\x"})", "json-syntax", 6, "no such escape"},
                    BadText{"number", R"({"a":1e400})", "json-number", 5, "number"},
                    BadText{"nan", R"({"a":NaN})", "json-syntax", 5, "value is expected"},
                    BadText{"bom", "\xEF\xBB\xBF{}", "json-encoding", 0, "byte order mark"},
                    BadText{"utf16", std::string("\xFF\xFE{\0}\0", 6), "json-encoding", 0, "UTF-16"},
                    BadText{"nul", std::string("{\"a\":1}\0{\"b\":2}", 15), "json-nul", 7, "NUL"},
                    BadText{"latin1", "{\"a\":\"\xE9\"}", "json-encoding", 6, "not UTF-8"},
                    BadText{"overlong", "{\"a\":\"\xC0\x80\"}", "json-encoding", 6, "not UTF-8"},
                    BadText{"surrogate", R"({"a":"\ud800"})", "json-surrogate", 6, "surrogate"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ReadElements, RefusesEscapedNulAndLoneLowSurrogates) {
  EXPECT_THAT(rulesOf(readManifests(R"({"a":"x\u0000y"})")), ElementsAre("json-nul"));
  EXPECT_THAT(rulesOf(readManifests(R"({"a":"\udc00"})")), ElementsAre("json-surrogate"));
}

TEST(ReadElements, ANameWithHalfASurrogatePairIsShownAsTextWhereItStandsTwice) {
  const Reading reading = readManifests(R"({"n\udc01":1,"n\udc01":2})");
  for (const SyntaxFault& fault : reading.elements.at(0).faults) {
    EXPECT_EQ(firstInvalidUtf8(fault.message), std::string_view::npos) << fault.message;
    EXPECT_EQ(firstInvalidUtf8(fault.pointer), std::string_view::npos) << fault.pointer;
  }
  EXPECT_THAT(rulesOf(reading), Contains("json-duplicate-key"));
}

TEST(ReadLive, TakesBytesThatAreNotUtf8AndRepeatedNames) {
  std::size_t elements = 0;
  const auto fault = readElements("[{\"metadata\":{\"a\":\"\xFF\",\"a\":2}}]", {}, Strictness::kLive,
                                  [&](Element&& element) {
                                    ++elements;
                                    EXPECT_THAT(element.faults, IsEmpty());
                                  });
  EXPECT_FALSE(fault);
  EXPECT_EQ(elements, 1U);
}

std::string liveOf(std::string_view text) {
  const auto value = parse(text);
  return value ? write(*value) : value.error().message;
}

TEST(ReadLive, KeepsNumbersOfAnySizeAsTheyWereWritten) {
  const std::string digits(400, '9');
  for (const std::string& number : {std::string("1e400"), std::string("-1.25E+4000"), std::string("1e-400"),
                                    "-" + digits, digits + ".5", "0." + digits}) {
    EXPECT_EQ(liveOf("{\"a\":[" + number + ",1],\"b\":2}"), "{\"a\":[" + number + ",1],\"b\":2}");
    EXPECT_EQ(liveOf(number), number);
  }
}

TEST(ReadLive, StillRefusesWhatIsNoNumber) {
  for (const char* text : {"1e", "01e5", "-", "1.e5", "1e5.5", "[1e400", "1e400x", "--1e400"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(ReadLive, ReadsHalfASurrogatePairAndABadByteAsTheReplacementCharacter) {
  const std::string replaced = "\"\xEF\xBF\xBD\"";
  EXPECT_EQ(liveOf(R"("\ud800")"), replaced);
  EXPECT_EQ(liveOf(R"("\udC00")"), replaced);
  EXPECT_EQ(liveOf("\"\xFF\""), replaced);
  EXPECT_EQ(liveOf(R"({"\ud83d":"\ud83dx","\ud83d\ud83d\ude00":1})"),
            "{\"\xEF\xBF\xBD\":\"\xEF\xBF\xBDx\",\"\xEF\xBF\xBD\xF0\x9F\x98\x80\":1}");
}

TEST(ReadLive, LeavesEscapesAndNumbersInsideStringsAlone) {
  EXPECT_EQ(liveOf(R"("\\ud800 \" 1e400 \"\\")"), R"("\\ud800 \" 1e400 \"\\")");
  EXPECT_EQ(liveOf(R"("\ud83d\ude00")"), "\"\xF0\x9F\x98\x80\"");
}

TEST(ReadLive, DoesNotEndAtANulByteBeforeTheTextDoes) {
  const auto value = parse(std::string_view("{}\0 or more", 11));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().offset, 2U);
}

TEST(ReadLive, StillRefusesWhatIsNoString) {
  for (const char* text : {R"("\ud800)", R"("\ud8")", R"("\u")", "\"\\", "\""})
    EXPECT_FALSE(parse(text)) << text;
}

TEST(ReadLive, CutsWhatNoManifestCanDeclare) {
  const std::string deep = std::string(9'000, '[') + std::string(9'000, ']');
  const auto value = parse("{\"metadata\":" + deep + "}");
  ASSERT_TRUE(value);
  EXPECT_LT(write(*value).size(), 2 * kLiveNesting + 20);
}

TEST(Write, QuotesInAsciiWhatAnyReaderOfJsonGivesBack) {
  EXPECT_EQ(quoteAscii("a\"\\\n\x7f"), R"("a\"\\\n\u007f")");
  EXPECT_EQ(quoteAscii("é\u2028\uFFFF"), R"("\u00e9\u2028\uffff")");
  EXPECT_EQ(quoteAscii("😀\U0010FFFF"), R"("\ud83d\ude00\udbff\udfff")");
  EXPECT_EQ(parse(quoteAscii("é😀"))->text, "é😀");
}

TEST(Write, EscapesWhatATerminalObeysAndKeepsWhatPeopleWrite) {
  EXPECT_EQ(quote("\x1b[2J\u009b1m\u0085\u2028\u2029\u202e\u2066\x7f"),
            R"("\u001b[2J\u009b1m\u0085\u2028\u2029\u202e\u2066\u007f")");
  EXPECT_EQ(quote("é ש 😀 \u200d\u00a0"), "\"é ש 😀 \u200d\u00a0\"");
}

TEST(Write, IsUtf8WhateverAFileIsCalled) {
  EXPECT_EQ(write(Value::object().add("path", Value::string("bad\xFFname.json"))),
            "{\"path\":\"bad\xEF\xBF\xBDname.json\"}");
}

TEST(Canonical, SortsMembersAndComparesNumbersByValue) {
  EXPECT_EQ(canonical(*parse(R"({"b":1.0,"a":[10e-1,"x"]})")), canonical(*parse(R"({"a":[1,"x"],"b":1})")));
  EXPECT_NE(canonical(*parse(R"({"a":1})")), canonical(*parse(R"({"a":"1"})")));
  EXPECT_NE(canonical(*parse(R"([1,2])")), canonical(*parse(R"([2,1])")));
}

TEST(Canonical, IsJsonWithEachNameOnce) {
  EXPECT_EQ(canonical(*parse(R"({"b2":7,"b":[1,{},[],true,null],"a":{"y":"\n","x":1},"b2":0,"a":[2,"z"]})")),
            R"({"a":[2,"z"],"b":[1,{},[],true,null],"b2":0})");
}

TEST(CanonicalNumber, IsExactForAnyLength) {
  EXPECT_EQ(canonicalNumber("-0.0"), "0");
  EXPECT_EQ(canonicalNumber("1200"), "12e2");
  EXPECT_EQ(canonicalNumber("-1.25"), "-125e-2");
  EXPECT_EQ(canonicalNumber("18446744073709551617"), "18446744073709551617");
  EXPECT_NE(canonicalNumber("18446744073709551617"), canonicalNumber("18446744073709551616"));
  EXPECT_EQ(canonicalNumber("0e99999999999999999999"), "0");
  EXPECT_EQ(canonicalNumber("12.50E+3"), "125e2");
  EXPECT_EQ(canonicalNumber(std::string_view("1e25").substr(0, 3)), "1e2");
  EXPECT_EQ(canonicalNumber("0.012e2"), "12e-1");
  EXPECT_EQ(canonicalNumber("10e-1"), "1");
  EXPECT_EQ(canonicalNumber("1e99999999999999999999"), "1e1000000000000000");
  EXPECT_EQ(canonicalNumber("1e-99999999999999999999"), "1e-1000000000000000");
  EXPECT_EQ(canonicalNumber("1e5000000000000000"), "1e1000000000000000");
  EXPECT_EQ(canonicalNumber("1e-5000000000000000"), "1e-1000000000000000");
}

TEST(Position, CountsCharactersNotBytes) {
  const Position position = positionOf("a\nbé{", 5);
  EXPECT_EQ(position.line, 2U);
  EXPECT_EQ(position.column, 3U);
}

TEST(Pointer, EscapesAndFinds) {
  const Value root = *parse(R"({"a/b":[{"c~d":7}]})");
  const std::string pointer = pointerTo(pointerTo(pointerTo("", "a/b"), std::size_t{0}), "c~d");
  EXPECT_EQ(pointer, "/a~1b/0/c~0d");
  ASSERT_NE(at(root, pointer), nullptr);
  EXPECT_EQ(at(root, pointer)->text, "7");
  EXPECT_EQ(at(root, "/a~1b/1"), nullptr);
}

}  // namespace
}  // namespace hydra_clients::json

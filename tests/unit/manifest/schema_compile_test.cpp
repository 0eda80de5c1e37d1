#include <gmock/gmock.h>

#include "manifest/schema.h"

namespace hydra_clients::manifest {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string whyRefused(std::string_view schema) {
  const auto compiled = Schema::compile(schema);
  return compiled ? "" : compiled.error();
}

std::vector<SchemaFinding> check(std::string_view schema, std::string_view value) {
  return Schema::compile(schema).value().check(json::parse(value).value());
}

TEST(UserSchema, MayUseWhatIsEnforced) {
  EXPECT_EQ(whyRefused(R"({
    "$schema": "http://json-schema.org/draft-07/schema#", "$id": "urn:house", "title": "t", "type": "object",
    "required": ["owner"], "propertyNames": {"pattern": "^[a-z_]+$"},
    "properties": {
      "owner": {"$ref": "#/definitions/team"}, "client_id": {"pattern": "^[a-z0-9-]{3,40}$", "maxLength": 40},
      "grant_types": {"items": {"enum": ["authorization_code"]}, "maxItems": 3},
      "metadata": {"anyOf": [{"type": "null"}, {"properties": {"cost": {"minimum": 1, "type": "number"}}}]}},
    "if": {"properties": {"scope": {"const": "openid"}}}, "then": {"required": ["redirect_uris"]}, "else": true,
    "dependencies": {"jwks": ["owner"], "jwks_uri": {"required": ["contacts"]}},
    "definitions": {"team": {"type": "string", "minLength": 1}}})"),
            "");
}

TEST(UserSchema, IsRefusedWithAMistypedKeywordAndToldWhichWasMeant) {
  const std::string why = whyRefused(R"({"properties": {"owner": {"tpye": "string"}}})");
  EXPECT_THAT(why, HasSubstr("/properties/owner/tpye"));
  EXPECT_THAT(why, HasSubstr("did you mean \"type\"?"));
}

TEST(UserSchema, IsRefusedWithKeywordsThatWouldNotBeEnforced) {
  EXPECT_THAT(whyRefused(R"({"properties": {"a": {"format": "uri"}}})"), HasSubstr("use pattern"));
  EXPECT_THAT(whyRefused(R"({"unevaluatedProperties": false})"), HasSubstr("additionalProperties"));
  EXPECT_THAT(whyRefused(R"({"patternProperties": {}})"), HasSubstr("not supported"));
  EXPECT_THAT(whyRefused(R"({"items": {"uniqueItems": true}})"), HasSubstr("not supported"));
  EXPECT_THAT(whyRefused(R"({"multipleOf": 0})"), HasSubstr("not supported"));
  EXPECT_THAT(whyRefused(R"({"$schema": "https://json-schema.org/draft/2020-12/schema"})"),
              HasSubstr("draft 7"));
}

TEST(UserSchema, IsRefusedWhereAKeywordHoldsTheWrongThing) {
  for (const std::string_view schema : {"[]",
                                        "7",
                                        R"({"type": "strng"})",
                                        R"({"type": []})",
                                        R"({"properties": []})",
                                        R"({"required": "owner"})",
                                        R"({"required": [1]})",
                                        R"({"enum": []})",
                                        R"({"maxLength": -1})",
                                        R"({"minItems": 1.5})",
                                        R"({"minimum": "1"})",
                                        R"({"pattern": 1})",
                                        R"({"pattern": "("})",
                                        R"({"pattern": "(a)\\1"})",
                                        R"({"allOf": []})",
                                        R"({"not": []})",
                                        R"({"items": [true]})",
                                        R"({"then": true})",
                                        R"({"properties": {"a": "string"}})",
                                        R"({"$ref": "#/a", "type": "string"})"}) {
    EXPECT_NE(whyRefused(schema), "") << schema;
  }
}

TEST(UserSchema, IsRefusedWhereItIsNoJson) {
  EXPECT_THAT(whyRefused("{\n  \"type\": }"), HasSubstr("line 2, column 11"));
  EXPECT_NE(whyRefused(""), "");
  EXPECT_NE(whyRefused(R"({"type": "string", "type": "null"})"), "");
}

TEST(UserSchema, FetchesNothing) {
  EXPECT_THAT(whyRefused(R"({"$ref": "https://evil.example/schema.json"})"), HasSubstr("nothing is fetched"));
  EXPECT_THAT(whyRefused(R"({"$ref": "other.json"})"), HasSubstr("nothing is fetched"));
  EXPECT_THAT(whyRefused(R"({"$ref": 5})"), HasSubstr("nothing is fetched"));
  EXPECT_THAT(whyRefused(R"({"properties": {"a": {"$ref": "#/definitions/none"}}})"),
              HasSubstr("refers to nothing"));
}

TEST(UserSchema, IsRefusedWhereItWouldBeCheckedWithoutEnd) {
  EXPECT_THAT(whyRefused(R"({"$ref": "#"})"), HasSubstr("without end"));
  EXPECT_THAT(whyRefused(R"({"allOf": [{"$ref": "#"}]})"), HasSubstr("without end"));
  EXPECT_THAT(whyRefused(R"({"properties": {"a": {"$ref": "#/definitions/b"}}, "definitions":
                            {"b": {"anyOf": [{"$ref": "#/definitions/c"}]}, "c": {"not": {"$ref": "#/definitions/b"}}}})"),
              HasSubstr("without end"));
}

TEST(UserSchema, MayDescribeATreeByItself) {
  constexpr std::string_view kTree =
      R"({"properties": {"metadata": {"$ref": "#/definitions/node"}}, "definitions":
      {"node": {"type": "object", "additionalProperties": {"$ref": "#/definitions/node"}}}})";
  EXPECT_THAT(check(kTree, R"({"metadata": {"a": {"b": {}}}})"), IsEmpty());
  EXPECT_THAT(check(kTree, R"({"metadata": {"a": {"b": 1}}})"), SizeIs(1));
}

TEST(UserSchema, SurvivesPatternsThatOverflowOtherEngines) {
  const std::string value = "\"" + std::string(16'000, 'a') + "!\"";
  for (const std::string_view pattern :
       {"^([a-z]|-)*$", "^(a+)+$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"}) {
    const std::string schema = "{\"pattern\": " + json::quote(pattern) + ", \"maxLength\": 10}";
    EXPECT_FALSE(check(schema, value).empty()) << pattern;
  }
}

TEST(UserSchema, IsRefusedWithAPatternThatGrowsBeyondBounds) {
  EXPECT_THAT(whyRefused(R"({"pattern": "((a?){300}){300}"})"), HasSubstr("maxLength"));
  EXPECT_THAT(whyRefused(R"({"pattern": "a{1,99999999999999999999}"})"), HasSubstr("maxLength"));
  EXPECT_NE(whyRefused("{\"pattern\": \"" + std::string(600, 'a') + "\"}"), "");
}

TEST(UserSchema, SaysWhatItAsksFor) {
  EXPECT_EQ(check(R"({"required": ["owner"]})", "{}")[0].message, "the member \"owner\" is missing");
  EXPECT_EQ(check(R"({"properties": {"a": {"pattern": "^x"}}})", R"({"a": "y"})")[0].message,
            "must match the pattern \"^x\"");
  EXPECT_EQ(check(R"({"maxLength": 2})", R"("abc")")[0].message,
            "should be no more than 2 characters in length");
  EXPECT_EQ(check(R"({"maximum": 2})", "3")[0].rule, "range");
  EXPECT_EQ(check(R"({"minItems": 1})", "[]")[0].rule, "size");
  EXPECT_EQ(check(R"({"const": "a"})", R"("b")")[0].message, "must be \"a\"");
  EXPECT_EQ(check(R"({"contains": {"const": 1}})", "[2]")[0].rule, "schema");
  EXPECT_EQ(check(R"({"not": {"type": "null"}})", "null")[0].rule, "schema");
  EXPECT_EQ(check(R"({"dependencies": {"a": ["b"]}})", R"({"a": 1})")[0].message,
            "the member \"b\" is missing");
}

TEST(UserSchema, SaysWhereAMemberIsForbidden) {
  const auto findings = check(R"({"properties": {"owner": false}})", R"({"owner": "x"})");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].pointer, "/owner");
}

TEST(UserSchema, SaysOnceThatNoFormFits) {
  const auto findings = check(
      R"({"properties": {"a": {"oneOf": [{"type": "string", "title": "a name"}, {"type": "array", "title": "names", "items": {"type": "string"}}]}}})",
      R"({"a": [1, 2]})");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].rule, "no-form-fits");
  EXPECT_THAT(findings[0].message, HasSubstr("a name or names"));
}

TEST(UserSchema, AlwaysSaysSomethingWhereAValueDoesNotFit) {
  EXPECT_THAT(check("false", "{}"), SizeIs(1));
  EXPECT_THAT(check(R"({"propertyNames": {"maxLength": 1}})", R"({"ab": 1})"), SizeIs(1));
  EXPECT_THAT(check(R"({"if": true, "then": false})", "1"), SizeIs(1));
  EXPECT_THAT(check(R"({"additionalProperties": false})", R"({"a": 1})"), SizeIs(1));
}

TEST(UserSchema, TakesWholeNumbersHoweverTheyAreWritten) {
  EXPECT_THAT(check(R"({"type": "integer"})", "1.0"), IsEmpty());
  EXPECT_THAT(check(R"({"type": "integer"})", "10e2"), IsEmpty());
  EXPECT_THAT(check(R"({"type": "integer"})", "1.5"), SizeIs(1));
}

}  // namespace
}  // namespace hydra_clients::manifest

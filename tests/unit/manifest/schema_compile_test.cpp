#include <algorithm>
#include <set>

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

TEST(UserSchema, IsExplainedWhereItAsksThroughAllOf) {
  // What the whole schema says at that place is not known then, and the words are plainer.
  struct Case {
    const char *schema, *value, *rule, *message;
  };
  for (const auto& [schema, value, rule, message] : std::initializer_list<Case>{
           {R"({"properties": {"a": {"type": "string"}}})", R"({"a": 1})", "wrong-type",
            "is of a type that is not allowed here"},
           {R"({"properties": {"a": {"const": "x"}}})", R"({"a": "y"})", "not-allowed",
            "is not one of the values that are allowed here"},
           {R"({"properties": {"a": {"enum": ["x"]}}})", R"({"a": "y"})", "not-allowed",
            "is not one of the values that are allowed here"},
           {R"({"properties": {"a": {"pattern": "^x"}}})", R"({"a": "y"})", "pattern",
            "does not match the pattern that the schema asks for"},
           {R"({"properties": {"a": {"additionalProperties": false}}})", R"({"a": {"b": 1}})",
            "unknown-field", "holds a member that is not allowed"},
           {R"({"properties": {"a": {"required": ["b"]}}})", R"({"a": {}})", "required-field",
            "the member \"b\" is missing"},
           {R"({"properties": {"a": {"minProperties": 1}}})", R"({"a": {}})", "size",
            "should have no fewer than 1 properties"},
           {R"({"properties": {"a": {"items": {"type": "string"}}}})", R"({"a": [1]})", "wrong-type",
            "is of a type that is not allowed here"},
           {R"({"properties": {"a": {"anyOf": [{"type": "string"}]}}})", R"({"a": 1})", "no-form-fits",
            "fits none, or more than one, of the forms that the schema allows"}}) {
    const auto findings = check("{\"allOf\": [" + std::string(schema) + "]}", value);
    const auto found = std::ranges::find(findings, rule, &SchemaFinding::rule);
    ASSERT_NE(found, findings.end()) << schema;
    EXPECT_THAT(found->message, HasSubstr(message)) << schema;
    EXPECT_TRUE(found->pointer.starts_with("/a")) << found->pointer;
  }
}

TEST(UserSchema, SaysWhatItAllows) {
  const auto said = [](const char* schema, const char* value) { return check(schema, value)[0].message; };
  EXPECT_EQ(said(R"({"additionalProperties": {"type": "integer"}})", R"({"a": "x"})"),
            "must be an integer, not a string");
  EXPECT_EQ(said(R"({"properties": {"b": {}}, "additionalProperties": {"type": ["array", "null"]}})",
                 R"({"a": "x"})"),
            "must be an array, not a string");
  EXPECT_EQ(said(R"({"type": "array", "items": {"type": ["string", "null"]}})", "1"),
            "must be an array, not a number");
  EXPECT_EQ(said(R"({"type": "array", "items": {"maxLength": 3}})", "1"), "must be an array, not a number");
  EXPECT_EQ(said(R"({"enum": [null, "", "x", 1]})", R"("y")"), "must be \"x\" or 1");
  EXPECT_EQ(said(R"({"enum": [null, ""]})", R"("y")"), "is not one of the values that are allowed here");
  EXPECT_EQ(said(R"({"minProperties": 1, "maxProperties": 1, "properties": {"a": true, "b": true}})", "{}"),
            "must hold exactly one of \"a\" or \"b\"");
  for (const char* schema : {R"({"minProperties": 1, "maxProperties": 1})", R"({"minProperties": 1})",
                             R"({"minProperties": 1, "maxProperties": 1, "properties": {}})"}) {
    EXPECT_THAT(said(schema, "{}"), HasSubstr("no fewer than 1")) << schema;
  }
  EXPECT_EQ(said(R"({"anyOf": [{"type": "string"}, {"type": "null"}]})", "1"),
            "fits none, or more than one, of the forms that the schema allows");
}

TEST(UserSchema, TellsWhichMembersAreAllowedWhereTheyAreFew) {
  const auto hint = [](const std::string& properties) {
    return check("{\"properties\": {" + properties + "}, \"additionalProperties\": false}",
                 R"({"wholly-unlike": 1})")[0]
        .hint;
  };
  EXPECT_EQ(hint(R"("a": true, "b": true)"), "allowed are a and b");
  EXPECT_EQ(hint(""), "");
  std::string many;
  for (char c = 'a'; c < 'j'; ++c)
    many += (many.empty() ? "" : ",") + json::quote(std::string(1, c)) + ":true";
  EXPECT_EQ(hint(many), "");
}

TEST(UserSchema, KeepsASiblingOfAForeignForm) {
  // Only what stands below the member that fits no form is noise, not what has a longer name.
  const auto findings =
      check(R"({"properties": {"a": {"anyOf": [{"type": "string"}]}, "ab": {"type": "string"}}})",
            R"({"a": 1, "ab": 1})");
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_THAT((std::set{findings[0].pointer, findings[1].pointer}), ::testing::ElementsAre("/a", "/ab"));
}

TEST(UserSchema, IsRefusedWithHalvesOfAKeyword) {
  for (const std::string_view schema :
       {R"({"else": true})", R"({"enum": "a"})", R"({"enum": {}})", R"({"$schema": 7})", R"({"allOf": {}})",
        R"({"type": ["string", "strng"]})", R"({"type": {}})", R"({"minLength": "1"})",
        R"({"minLength": 9999999999999999999})", R"({"dependencies": {"a": [1]}})", R"({"required": [null]})",
        R"({"$ref": "#/definitions/a%20b", "definitions": {"a%20b": true}})",
        R"({"$ref": "#/definitions/a", "minLength": 1, "definitions": {"a": true}})",
        R"({"zzzzzzzzzzzzzzzzz": 1})", R"({"AAAAAAAAAAAAAAAAA": 1})"}) {
    EXPECT_NE(whyRefused(schema), "") << schema;
  }
}

TEST(UserSchema, MayHaveAnnotationsBesideAReference) {
  EXPECT_EQ(whyRefused(R"({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/a",
                           "title": "t", "$comment": "c", "definitions": {"a": {"type": "object"}}})"),
            "");
  EXPECT_EQ(whyRefused(R"({"$ref": "#/$defs/a", "$defs": {"a": {"type": "object"}}})"), "");
}

TEST(UserSchema, CountsTheRepetitionsOfAPattern) {
  EXPECT_EQ(whyRefused(R"({"pattern": "^[a-z]{2,40}$"})"), "");
  EXPECT_THAT(whyRefused(R"({"pattern": "a{100000}"})"), HasSubstr("maxLength"));
  EXPECT_THAT(whyRefused(R"({"pattern": "(a{900}){900}"})"), HasSubstr("maxLength"));
}

}  // namespace
}  // namespace hydra_clients::manifest

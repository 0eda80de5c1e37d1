#include "manifest/schema.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "client/fields.h"
#include "client/utf8.h"

namespace hydra_clients::manifest {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<SchemaFinding> check(std::string_view client) {
  return Schema::shipped().check(json::parse(client).value());
}

std::set<std::string> propertiesOfSchema() {
  const json::Value schema = json::parse(shippedSchemaText()).value();
  std::set<std::string> names;
  for (const json::Member& member : schema.find("properties")->members) names.insert(member.name);
  return names;
}

TEST(ShippedSchema, IsTheFileThatEditorsUse) {
  std::ifstream file(SOURCE_DIR "/schemas/oauth2-client.schema.json");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), shippedSchemaText());
}

TEST(ShippedSchema, ALongUnknownNameIsCutBetweenItsCharacters) {
  const std::string name = std::string(63, 'x') + "\u00e9\u00e9";
  const auto findings = check("{\"" + name + "\": 1}");
  ASSERT_THAT(findings, Not(IsEmpty()));
  for (const SchemaFinding& finding : findings) {
    EXPECT_EQ(firstInvalidUtf8(finding.message), std::string_view::npos) << finding.message;
  }
}

TEST(ShippedSchema, HasEveryFieldThatACallerMaySetAndNoOther) {
  std::set<std::string> expected = {std::string(kSchemaKey), std::string(kCommentKey),
                                    std::string(kSecretFromKey)};
  for (const Field& field : allFields()) {
    if (field.type != FieldType::kReadOnly) expected.emplace(field.name);
  }
  EXPECT_EQ(propertiesOfSchema(), expected);
}

TEST(ShippedSchema, ExplainsEveryField) {
  const json::Value schema = json::parse(shippedSchemaText()).value();
  for (const json::Member& member : schema.find("properties")->members) {
    EXPECT_NE(member.value.find("title"), nullptr) << member.name;
    EXPECT_NE(member.value.find("description"), nullptr) << member.name;
    if (member.name != "client_secret") {
      EXPECT_NE(member.value.find("examples"), nullptr) << member.name;
    }
  }
}

TEST(ShippedSchema, AcceptsItsOwnExamples) {
  const json::Value schema = json::parse(shippedSchemaText()).value();
  for (const json::Member& member : schema.find("properties")->members) {
    const json::Value* const examples = member.value.find("examples");
    for (const json::Value& example : examples != nullptr ? examples->items : std::vector<json::Value>()) {
      EXPECT_THAT(check("{" + json::quote(member.name) + ":" + json::write(example) + "}"), IsEmpty())
          << member.name;
    }
  }
}

TEST(ShippedSchema, GivesEachFieldTheTypeOfTheFieldTable) {
  for (const Field& field : allFields()) {
    if (field.type == FieldType::kReadOnly || field.type == FieldType::kMetadata) continue;
    const bool isList = field.type == FieldType::kStringSet || field.type == FieldType::kOrigins;
    const std::string_view right = isList                              ? "[]"
                                   : field.type == FieldType::kBoolean ? "true"
                                   : field.type == FieldType::kKeySet  ? "{}"
                                                                       : "\"\"";
    const std::string begin = "{" + json::quote(field.name) + ":";
    EXPECT_THAT(check(begin + std::string(right) + "}"), IsEmpty()) << field.name;
    EXPECT_THAT(check(begin + "null}"), IsEmpty()) << field.name;
    EXPECT_THAT(check(begin + "7}"), SizeIs(1)) << field.name;
  }
}

TEST(ShippedSchema, TakesMetadataOfAnyKind) {
  for (const std::string_view metadata : {"null", "{}", "[1]", "\"x\"", "7", "true"}) {
    EXPECT_THAT(check("{\"metadata\":" + std::string(metadata) + "}"), IsEmpty()) << metadata;
  }
}

TEST(SchemaFindings, SayWhatIsAllowedAndWhatStandsThere) {
  const auto findings = check(R"({"redirect_uris": "https://a.example/cb"})");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].rule, "wrong-type");
  EXPECT_EQ(findings[0].pointer, "/redirect_uris");
  EXPECT_EQ(findings[0].message, "must be an array of strings, not a string");
  EXPECT_THAT(findings[0].hint, HasSubstr("brackets"));
}

TEST(SchemaFindings, NameTheDeepestPlaceOnly) {
  const auto findings = check(R"({"redirect_uris": ["https://a.example", 5, null]})");
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].pointer, "/redirect_uris/1");
  EXPECT_EQ(findings[0].message, "must be a string, not a number");
  EXPECT_EQ(findings[1].pointer, "/redirect_uris/2");
}

TEST(SchemaFindings, ListWhatAnEnumAllows) {
  const auto findings = check(R"({"subject_type": "private", "userinfo_signed_response_alg": 5})");
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].rule, "not-allowed");
  EXPECT_EQ(findings[0].message, R"(must be "public" or "pairwise")");
}

TEST(SchemaFindings, NameEveryUnknownFieldAndWhatWasMeant) {
  const auto findings =
      check(R"({"id": "a", "redirectUris": [], "favourite_colour": 1, "client_name": "x"})");
  ASSERT_THAT(findings, SizeIs(3));
  for (const SchemaFinding& finding : findings) {
    EXPECT_EQ(finding.rule, "unknown-field");
    EXPECT_TRUE(finding.atName);
  }
  EXPECT_EQ(findings[0].message, "Hydra knows no field \"id\"");
  EXPECT_THAT(findings[0].hint, HasSubstr("client_id"));
  EXPECT_EQ(findings[1].hint, "did you mean \"redirect_uris\"?");
  EXPECT_EQ(findings[2].hint, "");
}

TEST(SchemaFindings, SayWhatASecretReferenceMayHold) {
  EXPECT_THAT(check(R"({"client_secret_from": {"file": "a"}})"), IsEmpty());
  const auto none = check(R"({"client_secret_from": {}})");
  ASSERT_THAT(none, SizeIs(1));
  EXPECT_EQ(none[0].rule, "size");
  const auto both = check(R"({"client_secret_from": {"file": "a", "env": "B"}})");
  ASSERT_THAT(both, SizeIs(1));
  EXPECT_EQ(both[0].rule, "size");
  const auto other = check(R"({"client_secret_from": {"vault": "a"}})");
  ASSERT_THAT(other, SizeIs(1));
  EXPECT_EQ(other[0].hint, "allowed are env, file and pgp");
}

TEST(SchemaFindings, AskForAKeysType) {
  const auto findings = check(R"({"jwks": {"keys": [{"n": "AQAB"}]}})");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].rule, "required-field");
  EXPECT_EQ(findings[0].pointer, "/jwks/keys/0");
  EXPECT_EQ(findings[0].message, "the member \"kty\" is missing");
}

TEST(SchemaFindings, NeverQuoteAValue) {
  const std::string secret = "5ecret-5ecret";
  for (const std::string_view name : {"client_secret", "client_id", "scope", "subject_type", "metadata",
                                      "jwks", "id", "redirect_uris", "client_secret_from", "skip_consent"}) {
    for (const std::string& value : {"\"" + secret + "\"", "[\"" + secret + "\"]", "[[\"" + secret + "\"]]",
                                     "{\"file\":[\"" + secret + "\"]}", "{\"keys\":\"" + secret + "\"}"}) {
      for (const SchemaFinding& finding : check("{" + json::quote(name) + ":" + value + "}")) {
        EXPECT_EQ((finding.message + finding.hint + finding.pointer).find(secret), std::string::npos)
            << finding.message;
      }
    }
  }
}

TEST(SchemaFindings, AreBoundedForAClientWithManyFaults) {
  std::string client = "{\"redirect_uris\":[";
  for (int i = 0; i < 20'000; ++i) client += i == 0 ? "1" : ",1";
  EXPECT_LE(check(client + "]}").size(), Schema::kMostFindings);
}

TEST(SchemaFindings, PointThroughNamesThatNeedEscaping) {
  const auto findings = check(R"({"a/b~c": 1})");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].pointer, "/a~1b~0c");
}

}  // namespace
}  // namespace hydra_clients::manifest

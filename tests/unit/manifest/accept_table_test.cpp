#include "manifest/accept_table.h"

#include <random>

#include <gtest/gtest.h>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "client/fields.h"
#include "manifest/schema.h"
#include "manifest/schema_adapter.h"

namespace hydra_clients::manifest {
namespace {

/// valijson's own verdict, asked without the table.
class Reference {
 public:
  explicit Reference(std::string_view schemaText) : document_(json::parse(schemaText).value()) {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(JsonAdapter(document_), schema_);
  }
  [[nodiscard]] bool accepts(const json::Value& value) const {
    return valijson::Validator(valijson::Validator::kStrongTypes)
        .validate(schema_, JsonAdapter(value), nullptr);
  }
  [[nodiscard]] AcceptTable table() const { return AcceptTable(document_); }

 private:
  json::Value document_;
  valijson::Schema schema_;
};

const std::vector<std::string>& samples() {
  static const std::vector<std::string> kSamples = {"null",
                                                    "true",
                                                    "false",
                                                    "0",
                                                    "1.5",
                                                    "-7",
                                                    "\"\"",
                                                    "\"public\"",
                                                    "\"pairwise\"",
                                                    "\"none\"",
                                                    "\"RS256\"",
                                                    "\"x\"",
                                                    "[]",
                                                    "[\"a\"]",
                                                    "[\"a\",\"b\"]",
                                                    "[null]",
                                                    "[1]",
                                                    "[[]]",
                                                    "[{}]",
                                                    "{}",
                                                    "{\"keys\":[]}",
                                                    "{\"keys\":null}",
                                                    "{\"keys\":[{}]}",
                                                    "{\"keys\":[{\"kty\":\"RSA\"}]}",
                                                    "{\"keys\":[{\"kty\":1}]}",
                                                    "{\"keys\":[null]}",
                                                    "{\"keys\":{}}",
                                                    "{\"file\":\"a\"}",
                                                    "{\"file\":1}",
                                                    "{\"file\":\"a\",\"env\":\"b\"}",
                                                    "{\"env\":\"b\"}",
                                                    "{\"vault\":\"b\"}"};
  return kSamples;
}

std::vector<std::string> names() {
  std::vector<std::string> all = {"$schema", "$comment", "client_secret_from", "id", "Client_ID", ""};
  for (const Field& field : allFields()) all.emplace_back(field.name);
  return all;
}

json::Value objectOf(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string text = "{";
  for (const auto& [name, value] : members) {
    text += (text.size() > 1 ? "," : "") + json::quote(name) + ":" + value;
  }
  return json::parse(text + "}").value();
}

TEST(AcceptTable, AgreesWithValijsonOnEveryFieldWithEveryKindOfValue) {
  const Reference reference(shippedSchemaText());
  const AcceptTable table = reference.table();
  for (const std::string& name : names()) {
    for (const std::string& sample : samples()) {
      const json::Value client = objectOf({{name, sample}});
      EXPECT_EQ(table.accepts(client), reference.accepts(client)) << json::write(client);
    }
  }
}

TEST(AcceptTable, AgreesWithValijsonOnClientsMadeAtRandom) {
  const Reference reference(shippedSchemaText());
  const AcceptTable table = reference.table();
  const std::vector<std::string> fields = names();
  std::mt19937 random(20240501);
  int accepted = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::pair<std::string, std::string>> members;
    std::vector<std::string> left = fields;
    for (std::size_t count = random() % 6; count > 0; --count) {
      const auto at = static_cast<std::ptrdiff_t>(random() % left.size());
      members.emplace_back(left[static_cast<std::size_t>(at)], samples()[random() % samples().size()]);
      left.erase(left.begin() + at);
    }
    const json::Value client = objectOf(members);
    accepted += table.accepts(client) ? 1 : 0;
    ASSERT_EQ(table.accepts(client), reference.accepts(client)) << json::write(client);
  }
  EXPECT_GT(accepted, 100);
}

TEST(AcceptTable, AgreesWithValijsonOnValuesThatAreNoObjects) {
  const Reference reference(shippedSchemaText());
  for (const std::string& sample : samples()) {
    const json::Value value = json::parse(sample).value();
    EXPECT_EQ(reference.table().accepts(value), reference.accepts(value)) << sample;
  }
}

TEST(AcceptTable, NeverAcceptsWhatValijsonRefusesUnderOtherSchemas) {
  for (const std::string_view schema :
       {R"({"type":"integer"})", R"({"minProperties":1})", R"({"maxItems":1})",
        R"({"type":"array","minItems":1})", R"({"items":{"type":"string"},"type":["array","null"]})",
        R"({"not":{"type":"null"}})", R"({"$ref":"#/definitions/a","definitions":{"a":{"type":"null"}}})",
        R"({"required":["file"]})", R"({"properties":{"file":false}})",
        R"({"additionalProperties":{"type":"string"}})", R"({"enum":["x",null,1]})", R"({"const":"x"})",
        R"({"items":false})", R"({"type":"array","items":[{"type":"null"}]})", R"({})",
        R"({"type":"object","maxProperties":1,"minItems":3})", R"({"required":["file"],"type":"object"})"}) {
    const Reference reference(schema);
    for (const std::string& sample : samples()) {
      const json::Value value = json::parse(sample).value();
      if (!reference.table().accepts(value)) continue;
      EXPECT_TRUE(reference.accepts(value)) << schema << " of " << sample;
    }
  }
}

TEST(AcceptTable, LeavesToValijsonWhatItDoesNotSpeakOf) {
  const auto vouches = [](const char* schema, const char* value) {
    return AcceptTable(json::parse(schema).value()).accepts(json::parse(value).value());
  };
  EXPECT_TRUE(vouches("true", "1"));
  EXPECT_TRUE(vouches(R"({"type": "number"})", "1.5"));
  EXPECT_TRUE(vouches(R"({"enum": [true, null, "x"]})", "true"));
  EXPECT_FALSE(vouches(R"({"enum": [true, null, "x"]})", "false"));
  EXPECT_TRUE(vouches(R"({"enum": [true, null, "x"]})", "null"));
  for (const auto& [schema, value] :
       {std::pair("false", "1"), std::pair("7", "1"), std::pair("[]", "1"), std::pair(R"({"type": 7})", "1"),
        std::pair(R"({"type": [7]})", "1"), std::pair(R"({"type": "integer"})", "1"),
        std::pair(R"({"enum": [1]})", "1"), std::pair(R"({"enum": []})", "1"),
        std::pair(R"({"type": "array", "minItems": "1"})", "[1]"),
        std::pair(R"({"type": "array", "minItems": 1.5})", "[1,2]"),
        std::pair(R"({"type": "array", "minItems": -1})", "[]"), std::pair(R"({"minItems": 1})", "[1]"),
        std::pair(R"({"type": "object", "minItems": 1})", "{}"),
        std::pair(R"({"type": "array", "maxProperties": 1})", "[]"),
        std::pair(R"({"type": "array", "items": [true]})", "[]"), std::pair(R"({"properties": []})", "{}"),
        std::pair(R"({"required": "a"})", "{}"), std::pair(R"({"pattern": "a"})", "\"a\"")}) {
    EXPECT_FALSE(vouches(schema, value)) << schema;
  }
  std::string deep = "true";
  for (int i = 0; i < 200; ++i) deep = "{\"items\": " + deep + "}";
  EXPECT_FALSE(vouches(deep.c_str(), std::string(100, '[').append(std::string(100, ']')).c_str()));
}

}  // namespace
}  // namespace hydra_clients::manifest

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // gcc 12 about std::regex, built with a sanitizer
#endif

#include "manifest/schema.h"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "manifest/accept_table.h"
#include "manifest/schema_adapter.h"
#include "manifest/schema_findings.h"
#include "manifest/schema_lint.h"
#include "manifest/schema_pattern.h"

namespace hydra_clients::manifest {
namespace {

/// The document as valijson is to read it: `pattern` is ours.
json::Value withOurPatterns(json::Value document) {
  for (const std::string& pointer : patternPlaces(document)) {
    const std::size_t slash = pointer.rfind('/');
    const json::Value* const schema = json::at(document, std::string_view(pointer).substr(0, slash));
    if (schema == nullptr) continue;
    for (json::Member& member : const_cast<json::Value*>(schema)->members) {
      if (member.name == "pattern") member.name = kPatternKeyword;
    }
  }
  return document;
}

}  // namespace

struct Schema::Impl {
  explicit Impl(json::Value schemaDocument, bool isShipped)
      : document(std::move(schemaDocument)), table(document), shipped(isShipped) {}

  /// Compiles what valijson needs, once. Throws std::exception where the schema is none.
  void compile() {
    std::call_once(compiled, [&] {
      const json::Value readable = withOurPatterns(document);
      valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
      parser.addConstraintBuilder(kPatternKeyword, new PatternBuilder);  // the parser owns it
      auto made = std::make_unique<valijson::Schema>();
      parser.populateSchema(JsonAdapter(readable), *made);
      schema = std::move(made);
    });
  }

  std::vector<SchemaFinding> findingsOf(const json::Value& client) {
    compile();
    valijson::ValidationResults results;
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    if (validator.validate(*schema, JsonAdapter(client), &results)) return {};
    std::vector<RawSchemaError> errors;
    valijson::ValidationResults::Error error;
    while (errors.size() < 2 * kMostFindings && results.popError(error)) {
      errors.push_back({std::move(error.context), std::move(error.description)});
    }
    return explainSchemaErrors(errors, document, client, shipped);
  }

  const json::Value document;
  const AcceptTable table;
  const bool shipped;
  std::once_flag compiled;
  std::unique_ptr<valijson::Schema> schema;
};

Schema::Schema(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

const Schema& Schema::shipped() {
  static const Schema kShipped = [] {
    auto document = json::parse(shippedSchemaText());
    return Schema(
        std::make_unique<Impl>(document ? std::move(*document) : json::Value{}, /*isShipped=*/true));
  }();
  return kShipped;
}

tl::expected<Schema, std::string> Schema::compile(std::string_view schemaText) {
  auto document = json::parse(schemaText, json::Strictness::kManifest);
  if (!document) {
    const json::Position at = json::positionOf(schemaText, document.error().offset);
    return tl::unexpected("the schema is no JSON: line " + std::to_string(at.line) + ", column " +
                          std::to_string(at.column) + ": " + document.error().message);
  }
  if (auto fault = lintSchema(*document)) {
    return tl::unexpected("the schema cannot be relied on, " + *fault);
  }
  auto impl = std::make_unique<Impl>(std::move(*document), /*isShipped=*/false);
  try {
    impl->compile();
  } catch (const std::exception& error) {
    return tl::unexpected("the schema cannot be compiled: " + std::string(error.what()));
  }
  return Schema(std::move(impl));
}

std::vector<SchemaFinding> Schema::check(const json::Value& client) const {
  if (impl_->table.accepts(client)) return {};
  try {
    return impl_->findingsOf(client);
  } catch (const std::exception&) {
    // Its text may hold the value; and the client is certainly not fit.
    return {{"schema", "", "the schema could not be applied to this value", {}, false, client.begin}};
  }
}

}  // namespace hydra_clients::manifest

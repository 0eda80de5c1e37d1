#include "manifest/schema.h"

#include <mutex>
#include <regex>
#include <unordered_map>
#include <utility>

#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validation_visitor.hpp>

#include "manifest/accept_table.h"
#include "manifest/schema_adapter.h"
#include "manifest/schema_findings.h"
#include "manifest/schema_lint.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kMostErrors = 1000;  // of one client that are explained

using RegexCache = std::unordered_map<std::string, std::regex>;

/// valijson makes std::regex objects that call themselves once a character: 16 KiB of text can overflow the
/// stack. It takes them from a cache, though, and libstdc++ has a second engine that does not (no back
/// references).
RegexCache compilePatterns(const json::Value& document) {
  RegexCache cache;
  for (const std::string& pattern : patternsOf(document)) {
    cache.try_emplace(pattern, pattern, std::regex::ECMAScript | std::regex_constants::__polynomial);
  }
  return cache;
}

}  // namespace

struct Schema::Impl {
  explicit Impl(json::Value schemaDocument, bool isShipped)
      : document(std::move(schemaDocument)), table(document), shipped(isShipped) {}

  /// Compiles what valijson needs, once. Throws std::exception where the schema is none.
  void compile() {
    std::call_once(compiled, [&] {
      patterns = compilePatterns(document);
      valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
      auto made = std::make_unique<valijson::Schema>();
      parser.populateSchema(JsonAdapter(document), *made);
      schema = std::move(made);
    });
  }

  std::vector<SchemaFinding> findingsOf(const json::Value& client) {
    compile();
    valijson::ValidationResults results;
    valijson::ValidationVisitor<JsonAdapter> visitor(JsonAdapter(client), {"<root>"}, /*strictTypes=*/true,
                                                     &results, patterns);
    if (visitor.validateSchema(*schema)) return {};
    std::vector<RawSchemaError> errors;
    valijson::ValidationResults::Error error;
    while (errors.size() < kMostErrors && results.popError(error)) {
      errors.push_back({std::move(error.context), std::move(error.description)});
    }
    return explainSchemaErrors(errors, document, client, shipped);
  }

  const json::Value document;
  const AcceptTable table;
  const bool shipped;
  std::once_flag compiled;
  std::unique_ptr<valijson::Schema> schema;
  RegexCache patterns;  ///< complete after compile(): valijson only reads it then
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
    return {{"schema", "", "the schema could not be applied to this value", {}, false}};
  }
}

}  // namespace hydra_clients::manifest

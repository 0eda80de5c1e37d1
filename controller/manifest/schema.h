#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "client/json.h"

namespace hydra_clients::manifest {

/// What a schema found at one place of an element.
struct SchemaFinding {
  std::string rule;     ///< "unknown-field", "wrong-type", "not-allowed", …
  std::string pointer;  ///< RFC 6901, from the element's root
  std::string message;
  std::string hint;
  bool atName = false;     ///< the fault is the member's name, not its value
  std::size_t offset = 0;  ///< of that name or value, in the text that the client was read from
};

/// A JSON Schema (draft 7), compiled once, checked by valijson. Thread-safe once made.
class Schema {
 public:
  /// The shipped schemas/oauth2-client.schema.json, built into the program.
  static const Schema& shipped();
  /// A schema of the user's own. Keywords that valijson does not know or does not enforce are refused: a typo
  /// there would silently allow everything. No remote references.
  static tl::expected<Schema, std::string> compile(std::string_view schemaText);

  /// Everything that does not fit, at most kMostFindings. Empty where the client fits.
  [[nodiscard]] std::vector<SchemaFinding> check(const json::Value& client) const;

  static constexpr std::size_t kMostFindings = 1001;

  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

 private:
  struct Impl;
  explicit Schema(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The text of the shipped schema.
[[nodiscard]] std::string_view shippedSchemaText();

}  // namespace hydra_clients::manifest

#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "client/json.h"
#include "manifest/shared_path.h"

namespace hydra_clients::manifest {

enum class Severity { kError, kWarning };

/// A place in a source: the file's path as the user would name it, line and column from 1 (0: the whole
/// file), and the RFC 6901 pointer of the value from the file's root.
struct Location {
  SharedPath path;
  std::size_t line = 0;
  std::size_t column = 0;
  std::string pointer;
  auto operator<=>(const Location&) const = default;  // NOLINT(modernize-use-nullptr): a false alarm
};

/// What is wrong, where, and what to do. One type for JSON, limits, schema, rules and sets.
/// Never holds the value of a secret.
struct Fault {
  std::string rule;  ///< stable name, kebab-case: "json-syntax", "unknown-field", "duplicate-client-id", …
  Severity severity = Severity::kError;
  Location where;
  std::string message;  ///< what is wrong and what is allowed; one line
  std::string hint;     ///< what to do, "did you mean …"; may be empty
};

[[nodiscard]] constexpr std::string_view nameOf(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

/// `path:line:column`, or the path alone. Printable, as the next two are: one line, no control characters.
[[nodiscard]] std::string formatPlace(const Location&);
/// `message; hint (JSON pointer) [rule]`.
[[nodiscard]] std::string formatMessage(const Fault&);
/// `path:line:column: error: message; hint (JSON pointer) [rule]`.
[[nodiscard]] std::string format(const Fault&);

/// For programs: rule, severity, path, line, column, pointer, message, hint (null where there is none).
[[nodiscard]] json::Value toJson(const Fault&);

/// Sorts by place, then rule.
void sortByPlace(std::vector<Fault>&);

}  // namespace hydra_clients::manifest

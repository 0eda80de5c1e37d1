// JSON as Go's encoding/json reads and writes it: what it takes and what it refuses, in its own words, and
// values kept as slices of the text, because Hydra stores `metadata` raw (duplicate keys, 1e400, bad UTF-8).
//
//   auto value = go_json::first_value(body);          // what follows the value is ignored
//   for (const auto& m : go_json::members(*value)) …  // m.name decoded, m.value still a slice
//
// Every function but first_value() asks for a slice that first_value() has accepted. Nothing recurses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace sandbox::go_json {

enum class Kind { null, boolean, number, string, array, object };

struct Member {
  std::string name;
  std::string_view value;
};

/// The first JSON value of `text`, as json.Decoder finds it. The error is Go's own text, for example
/// "invalid character 'x' looking for beginning of value", "EOF" (nothing there), "unexpected EOF".
tl::expected<std::string_view, std::string> first_value(std::string_view text);

/// As first_value(), but anything other than white space after it is an error (json.Unmarshal).
tl::expected<std::string_view, std::string> only_value(std::string_view text);

Kind kind_of(std::string_view value);

std::vector<Member> members(std::string_view object);
std::vector<std::string_view> elements(std::string_view array);

/// The text of a string literal; what is not valid UTF-8 or UTF-16 becomes U+FFFD.
std::string unquote(std::string_view literal);

/// Whether Go takes `name` for the struct field `field` (given in lower case): equal when case is folded,
/// with U+017F for s and U+212A for k.
bool names_field(std::string_view name, std::string_view field);

/// Appends `text` as a string literal, with <, > and & escaped.
void append_quoted(std::string& out, std::string_view text);

/// Appends a value without its white space, with <, > and & escaped; everything else byte for byte.
void append_compact(std::string& out, std::string_view value);

/// "string", "number", …: the word of json.UnmarshalTypeError.
std::string_view type_word(Kind kind);

}  // namespace sandbox::go_json

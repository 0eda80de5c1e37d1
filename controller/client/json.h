#pragma once

// JSON as this program needs it: a small tree that keeps where each value stood and every number as it was
// written, so that nothing is rounded on its way to Hydra and every fault can be shown with line and column.
// RapidJSON does the reading and the writing; nothing else in the program includes it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace hydra_clients::json {

enum class Kind : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

/// The word a person reads in an error: "null", "a boolean", "a number", "a string", "an array", "an object".
[[nodiscard]] std::string_view nameOf(Kind);

struct Member;

/// One JSON value. `text` is the string's bytes (unescaped UTF-8) or the number as it was written.
struct Value {
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::uint32_t begin = 0;  ///< offset of the value's first byte in the text it was read from
  std::uint32_t end = 0;    ///< offset past its last byte
  std::string text;
  std::vector<Value> items;
  std::vector<Member> members;  ///< in the order of the text

  [[nodiscard]] bool isNull() const { return kind == Kind::kNull; }
  [[nodiscard]] bool isBool() const { return kind == Kind::kBool; }
  [[nodiscard]] bool isNumber() const { return kind == Kind::kNumber; }
  [[nodiscard]] bool isString() const { return kind == Kind::kString; }
  [[nodiscard]] bool isArray() const { return kind == Kind::kArray; }
  [[nodiscard]] bool isObject() const { return kind == Kind::kObject; }

  /// The member of that exact name, or nullptr. Of an object without duplicates; else the last one.
  [[nodiscard]] const Value* find(std::string_view name) const;

  static Value string(std::string text);
  static Value number(std::int64_t number);
  static Value truth(bool truth);
  static Value array();
  static Value object();

  /// For building a document: appends a member to an object, an element to an array; returns *this.
  Value& add(std::string name, Value value);
  Value& append(Value value);
};

struct Member {
  std::string name;
  std::uint32_t nameBegin = 0;  ///< offset of the name's opening quote
  Value value;
};

/// What stops a text from being taken. Every limit has a flag (design §4).
struct Limits {
  std::size_t nesting = 32;            ///< depth of arrays and objects inside one element
  std::size_t stringBytes = 16 << 10;  ///< of one string, one member's name, or one number as written
  std::size_t elementBytes = 1 << 20;  ///< of one client object
};

/// A fault of the text itself: where, and what. Never quotes a string's content.
struct SyntaxFault {
  std::size_t offset = 0;
  std::string rule;     ///< "json-syntax", "json-nesting", "json-string-length", "json-duplicate-key", …
  std::string message;  ///< what is wrong and what is allowed
  std::string pointer;  ///< RFC 6901, of the value or member concerned; "" for the whole text
};

/// How a reader treats what RFC 8259 leaves open.
enum class Strictness {
  /// Manifests: valid UTF-8, no NUL, no duplicate names (outside a client's `metadata` compared without case,
  /// as Go's decoder matches them, U+017F and U+212A included), `limits` held, nothing after the value.
  kManifest,
  /// Answers of a server: what Go's encoding/json takes is taken, since Hydra keeps `metadata` as it came,
  /// and
  /// one client must not blind a whole page. Bytes that are not UTF-8 and halves of surrogate pairs read as
  /// U+FFFD, numbers of any size as their text, repeated names pass, and what is nested deeper than
  /// kLiveNesting reads as null.
  kLive,
};

/// Deeper than any manifest may be (Limits::nesting is at most half of it), so what is cut is never equal.
inline constexpr std::size_t kLiveNesting = 256;

/// One element of a text: the object itself, or an element of the top-level array.
struct Element {
  Value value;
  std::size_t index = 0;  ///< in the array, from 0
  bool inArray = false;
  /// Duplicate names and limits; empty for a lawful element. What is over a limit is left out of `value`.
  std::vector<SyntaxFault> faults;
};

using ElementVisitor = std::function<void(Element&& element)>;

/// Reads a text that holds one value or an array of them, element by element, without keeping the tree of
/// more than one. Returns the fault of syntax or encoding that ended the reading, where there is one:
/// elements that stood before it have been visited by then, none after it is. Pointers count from the
/// element's root. Memory: proportional to the largest element. No exceptions of its own. Thread-safe.
[[nodiscard]] std::optional<SyntaxFault> readElements(std::string_view text, const Limits& limits, Strictness,
                                                      const ElementVisitor& visit);

/// Reads exactly one value of any kind.
[[nodiscard]] tl::expected<Value, SyntaxFault> parse(std::string_view text, Strictness = Strictness::kLive);

/// Compact JSON. Numbers and member order as they were read.
[[nodiscard]] std::string write(const Value&);
/// Indented by two spaces.
[[nodiscard]] std::string writePretty(const Value&);
/// The string as a JSON string literal, quotes included.
[[nodiscard]] std::string quote(std::string_view text);
/// The same in ASCII alone: every other character as \uXXXX, two of them beyond U+FFFF.
[[nodiscard]] std::string quoteAscii(std::string_view text);

/// One text for all JSON that means the same: members sorted by name (the last of a repeated name), numbers
/// by value (1.0, 1 and 10e-1 are one), strings by content. Not meant to be read back.
[[nodiscard]] std::string canonical(const Value&);
/// A JSON number by value: "0", or digits without leading or trailing zeros and a power of ten ("-125e-2").
/// Exact for any number of digits; exponents beyond 10^15 either way count as 10^15. `written` is a JSON
/// number.
[[nodiscard]] std::string canonicalNumber(std::string_view written);

/// Line and column (both from 1; columns count characters, not bytes) of a byte offset.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};
[[nodiscard]] Position positionOf(std::string_view text, std::size_t offset);

/// Appends one reference token to an RFC 6901 pointer, escaping "~" and "/".
[[nodiscard]] std::string pointerTo(std::string_view parent, std::string_view token);
[[nodiscard]] std::string pointerTo(std::string_view parent, std::size_t index);
/// The value at an RFC 6901 pointer below `root`, or nullptr.
[[nodiscard]] const Value* at(const Value& root, std::string_view pointer);

}  // namespace hydra_clients::json

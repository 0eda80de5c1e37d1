#pragma once

// JSON texts cut into their values' own bytes, unread: for answers of which most is known already, or is
// nobody's business.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include <tl/expected.hpp>

namespace hydra_clients::json {

/// Why a text could not be cut, and where.
struct RawFault {
  enum class Kind : std::uint8_t {
    kCut,       ///< it ends before its value does
    kNoArray,   ///< its value is no array
    kBroken,    ///< a value, a comma or the array's end is missing
    kTrailing,  ///< something follows the value
  };
  Kind kind = Kind::kCut;
  std::size_t offset = 0;  ///< at most the text's size
};

using RawVisitor = std::function<void(std::string_view value)>;

/// Visits the bytes of each element of the array that `text` is, without the white space around them. Looks
/// at brackets, at where strings end and at the array's own commas, once and in order; whether an element is
/// JSON is for whoever reads it. What is JSON is cut as every reader would; elements before a fault have been
/// visited. Allocates nothing. Thread-safe.
[[nodiscard]] std::optional<RawFault> splitArray(std::string_view text, const RawVisitor& visit);

/// The bytes of the one value that `text` is, by the same look at it.
[[nodiscard]] tl::expected<std::string_view, RawFault> rawValue(std::string_view text);

/// How many bytes the string literal at the text's start takes, its quotes included; 0 where none stands
/// there, or it does not end.
[[nodiscard]] std::size_t rawStringLength(std::string_view text);

}  // namespace hydra_clients::json

#pragma once

// Small text rules that the reader, the rules and the messages share.

#include <cstddef>
#include <string>
#include <string_view>

namespace hydra_clients {

/// A member's name as Go's encoding/json folds it for matching: ASCII without case, U+017F as "s" and U+212A
/// as "k" (Go: encoding/json/fold.go). Hydra matches every name outside `metadata` so.
[[nodiscard]] std::string foldName(std::string_view name);
/// Whether that would surely change nothing: small letters, digits and the like of ASCII.
[[nodiscard]] bool isFolded(std::string_view name);

/// The unit of UTF-16 that a JSON escape ("\u00e9") at the text's start stands for; -1 where none stands
/// there.
[[nodiscard]] int unicodeEscape(std::string_view text);
inline constexpr std::size_t kUnicodeEscapeLength = 6;

/// At most `longest` bytes for a message, cut between characters, "…" at the end where it was cut.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t longest = 60);

/// What of a name stands in a pointer at most, in bytes.
inline constexpr std::size_t kLongestStep = 256;

}  // namespace hydra_clients

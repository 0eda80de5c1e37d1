// Small pieces of Go's standard library that decide what Hydra accepts and how it spells it: runes, strconv,
// base64.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sandbox {

inline constexpr std::uint32_t kReplacementRune = 0xFFFD;

/// 0 to 15, or -1.
int hex_digit(char c);

void append_rune(std::string& out, std::uint32_t rune);

/// Appends the first rune of `text`, or U+FFFD for a byte that is not valid UTF-8; the bytes it took (1 for
/// an invalid one). `text` must not be empty.
std::size_t append_valid_rune(std::string& out, std::string_view text);

/// strconv.Quote, for text that is valid UTF-8.
std::string go_quote(std::string_view text);

/// base64.RawURLEncoding, not strict: line breaks are skipped, stray low bits dropped. The error is the place
/// that Go names ("illegal base64 data at input byte 7").
tl::expected<std::string, std::size_t> decode_base64url(std::string_view text);
std::string encode_base64url(std::string_view bytes);

/// base64.StdEncoding, with padding.
std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

/// strconv.ParseInt(text, 10, 64).
std::optional<std::int64_t> parse_int(std::string_view text);

}  // namespace sandbox

// Small pieces of Go's standard library that decide what Hydra accepts and how it spells it: runes, strconv,
// time durations, RFC 3339 times, base64url without padding.
#pragma once

#include <chrono>
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

/// time.ParseDuration: nanoseconds, or Go's error text.
tl::expected<std::int64_t, std::string> parse_duration(std::string_view text);

/// time.Duration.String: "1h30m0s", "1.5s", "0s".
std::string format_duration(std::int64_t nanoseconds);

/// The time that time.Time.UnmarshalJSON reads (RFC 3339, strictly), in UTC as format_rfc3339 writes it.
std::optional<std::string> rfc3339_in_utc(std::string_view text);

/// `time` in UTC as Go writes it in JSON: trailing zeros of the fraction dropped.
std::string format_rfc3339(std::chrono::system_clock::time_point time);

/// `time` rounded to the second, as Hydra stamps a client.
std::chrono::system_clock::time_point round_to_second(std::chrono::system_clock::time_point time);

/// base64.RawURLEncoding, not strict: line breaks are skipped, stray low bits dropped.
std::optional<std::string> decode_base64url(std::string_view text);
std::string encode_base64url(std::string_view bytes);

/// base64.StdEncoding, with padding.
std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

/// strconv.ParseInt(text, 10, 64).
std::optional<std::int64_t> parse_int(std::string_view text);

}  // namespace sandbox

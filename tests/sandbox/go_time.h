// Durations and times as Go's package time reads and writes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sandbox {

/// time.ParseDuration: nanoseconds, or Go's error text.
tl::expected<std::int64_t, std::string> parse_duration(std::string_view text);

/// time.Duration.String: "1h30m0s", "1.5s", "0s".
std::string format_duration(std::int64_t nanoseconds);

/// The time that time.Time.UnmarshalJSON reads (RFC 3339, strictly), in UTC as format_rfc3339 writes it; or
/// Go's error text.
tl::expected<std::string, std::string> rfc3339_in_utc(std::string_view text);

/// `time` in UTC as Go writes it in JSON: trailing zeros of the fraction dropped.
std::string format_rfc3339(std::chrono::system_clock::time_point time);

/// `time` rounded to the second, as Hydra stamps a client.
std::chrono::system_clock::time_point round_to_second(std::chrono::system_clock::time_point time);

}  // namespace sandbox

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hydra_clients {

/// "2026-01-31T08:15:00Z": UTC, whole seconds (RFC 3339). Thread-safe.
[[nodiscard]] std::string rfc3339(std::chrono::system_clock::time_point time);

/// The time of exactly such a text; nothing for any other, even where RFC 3339 would take it. Thread-safe.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> parseRfc3339(std::string_view text);

}  // namespace hydra_clients

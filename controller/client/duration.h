#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hydra_clients {

/// Nanoseconds of a duration in Go's syntax ("1h30m", "-1.5s", "100us", "0"), by the rules of Go's
/// time.ParseDuration: a sequence of decimal numbers, each with a unit of ns, us, µs, ms, s, m, h.
/// nullopt for anything else, and where it does not fit 64 bits.
[[nodiscard]] std::optional<std::int64_t> parseGoDuration(std::string_view);

/// As Go's Duration.String() prints it: "1h30m0s", "1.5s", "0s".
[[nodiscard]] std::string formatGoDuration(std::int64_t nanoseconds);

}  // namespace hydra_clients

#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "telemetry/log.h"

namespace hydra_clients::telemetry {

/// Bytes of one value that are shown; what is cut off ends in "…".
inline constexpr std::size_t kMaxLoggedBytes = 4096;

/// One log line, without its newline. Whatever bytes the values hold, the line stays one line of valid UTF-8
/// that a terminal shows and does not obey: control characters are escaped, what is not UTF-8 becomes U+FFFD.
/// Pure.
[[nodiscard]] std::string formatLine(LogFormat format, LogLevel level,
                                     std::chrono::system_clock::time_point time, std::string_view message,
                                     std::span<const LogField> fields);

}  // namespace hydra_clients::telemetry

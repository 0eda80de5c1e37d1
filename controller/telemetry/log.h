#pragma once

// Log lines as logfmt or JSON, on standard error, by spdlog. A line is an event with named fields; a secret cannot
// be a field, since it has no text.

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <cstdint>

namespace hydra_clients::telemetry {

enum class LogFormat { kLogfmt, kJson };
enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view key;  ///< snake_case
  std::variant<std::string, std::int64_t, double, bool> value;
};

/// Sets the process's log up. Call once, before threads.
void startLog(LogFormat format, LogLevel level);

/// `ts=2026-01-02T03:04:05.678Z level=info msg="client imported" client_id=app …`. Thread-safe.
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

inline void logInfo(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kInfo, message, fields);
}
inline void logWarning(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kWarning, message, fields);
}
inline void logError(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kError, message, fields);
}
inline void logDebug(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kDebug, message, fields);
}

}  // namespace hydra_clients::telemetry

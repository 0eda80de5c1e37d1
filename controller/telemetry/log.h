#pragma once

// Log lines as logfmt or JSON, on standard error, by spdlog. A line is an event with named fields; a secret
// cannot be a field, since it has no text.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace hydra_clients::telemetry {

enum class LogFormat { kLogfmt, kJson };
enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view key;  ///< snake_case
  std::variant<std::string, std::int64_t, double, bool> value;
};

/// Sets the process's log up. Call once, before threads. Without it: logfmt, from level info.
void startLog(LogFormat format, LogLevel level);

/// `ts=2026-01-02T03:04:05.678Z level=info msg="client imported" client_id=app …`. Thread-safe; never throws.
/// A field that is an empty string is left out. Values over 4 KiB are cut off. Where nobody reads standard
/// error, lines are lost, and counted in the first that is read again; a caller waits 200 ms once, then not
/// at all.
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

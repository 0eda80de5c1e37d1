#include "telemetry/log.h"

#include <chrono>
#include <span>

#include <spdlog/logger.h>
#include <unistd.h>

#include "telemetry/log_line.h"
#include "telemetry/stderr_sink.h"

namespace hydra_clients::telemetry {
namespace {

spdlog::level::level_enum levelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// Set by startLog before there are threads, and only read after.
struct Log {
  LogFormat format = LogFormat::kLogfmt;
  spdlog::logger logger{"hydra-clients", std::make_shared<StderrSink>(STDERR_FILENO)};
};

/// Never destroyed: what is destroyed after it may still have something to say.
Log& theLog() {
  static Log* const log = new Log;
  return *log;
}

}  // namespace

void startLog(LogFormat format, LogLevel level) {
  theLog().format = format;
  theLog().logger.set_level(levelOf(level));
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) try {
  Log& log = theLog();
  if (!log.logger.should_log(levelOf(level))) return;
  // The sink takes the line as it is, so spdlog's own pattern, and its clock, are not asked.
  const std::string line = formatLine(log.format, level, std::chrono::system_clock::now(), message,
                                      std::span<const LogField>(fields.begin(), fields.size()));
  log.logger.log(levelOf(level), spdlog::string_view_t(line.data(), line.size()));
} catch (...) {
  // Out of memory: a line less must not end the program.
}

}  // namespace hydra_clients::telemetry

#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include <spdlog/sinks/base_sink.h>

namespace hydra_clients::telemetry {

/// Writes lines to a file descriptor, and drops them where its reader is stuck: the first line that finds a
/// full pipe waits kPatience, those after it not at all, until the reader reads again; then a line says how
/// many are missing. The loop is thus held up once, for kPatience, and memory does not grow. The lock of
/// base_sink guards all of it.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit StderrSink(int file) : file_(file) {}
  static constexpr int kPatienceMilliseconds = 200;

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  bool writeAll(std::string_view text);

  int file_;
  bool stuck_ = false;
  bool midLine_ = false;  ///< a line was cut off: the next one begins after a newline
  std::uint64_t dropped_ = 0;
};

}  // namespace hydra_clients::telemetry

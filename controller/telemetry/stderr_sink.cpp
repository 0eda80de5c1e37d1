#include "telemetry/stderr_sink.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <poll.h>
#include <unistd.h>

namespace hydra_clients::telemetry {

void StderrSink::sink_it_(const spdlog::details::log_msg& message) {
  std::string text = midLine_ ? "\n" : "";
  if (dropped_ > 0) text += "log lines lost, nobody read them: " + std::to_string(dropped_) + "\n";
  text.append(message.payload.data(), message.payload.size());
  text += '\n';
  if (writeAll(text)) {
    dropped_ = 0;
  } else {
    ++dropped_;
  }
}

/// False where the reader is stuck or gone. A pipe that poll() calls writable takes PIPE_BUF bytes without
/// blocking, so a line goes in pieces of that size.
bool StderrSink::writeAll(std::string_view text) {
  while (!text.empty()) {
    pollfd waiting{file_, POLLOUT, 0};
    const int ready = poll(&waiting, 1, stuck_ ? 0 : kPatienceMilliseconds);
    if (ready < 0 && errno == EINTR) continue;
    stuck_ = ready <= 0;
    if (stuck_) return false;
    const ssize_t n = write(file_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
    midLine_ = !text.empty();
  }
  return true;
}

}  // namespace hydra_clients::telemetry

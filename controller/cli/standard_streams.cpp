#include "cli/standard_streams.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

#include <poll.h>
#include <unistd.h>

namespace hydra_clients::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{100};  ///< how often a wait looks whether to stop

std::string inWords(int error) { return std::generic_category().message(error); }

/// Whether the descriptor became ready for `events` (or failed, which the next call on it tells).
bool waitFor(int descriptor, short events, std::chrono::milliseconds atMost = kLook) {
  pollfd entry{descriptor, events, 0};
  return poll(&entry, 1, static_cast<int>(atMost.count())) > 0;
}

}  // namespace

bool StreamWriter::waitUntilWritable() {
  while (!waitFor(descriptor_, POLLOUT)) {
    if (!stop_.stop_requested()) continue;
    if (!giveUp_) giveUp_ = steady_clock::now() + kPatience;
    if (steady_clock::now() >= *giveUp_) return false;
  }
  return true;
}

bool StreamWriter::ready() const {
  return good() && waitFor(descriptor_, POLLOUT, std::chrono::milliseconds(0));
}

bool StreamWriter::write(std::string_view text) {
  if (makeWay_ && !text.empty()) makeWay_();
  while (good() && !text.empty()) {
    if (!waitUntilWritable()) {
      fault_ = "nobody reads it";
      break;
    }
    // A pipe that is ready takes so much without making us wait.
    const ssize_t written = ::write(descriptor_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      fault_ = inWords(errno);
    }
  }
  return good();
}

tl::expected<std::string, std::string> readStandardInput(std::size_t limit, const std::stop_token& stop) {
  constexpr std::size_t kChunk = 1u << 16;
  std::string text;
  std::string chunk(kChunk, '\0');
  while (true) {
    if (stop.stop_requested()) return tl::unexpected(std::string("stopped while standard input was read"));
    if (!waitFor(STDIN_FILENO, POLLIN)) continue;
    const ssize_t got = read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got == 0) return text;
    if (got < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return tl::unexpected("standard input cannot be read: " + inWords(errno));
    }
    text.append(chunk, 0, static_cast<std::size_t>(got));
    if (text.size() > limit) {
      return tl::unexpected("standard input is larger than " + std::to_string(limit) +
                            " bytes; --max-file-size sets the limit");
    }
  }
}

}  // namespace hydra_clients::cli

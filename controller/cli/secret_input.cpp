#include "cli/secret_input.h"

#include <cerrno>
#include <iostream>
#include <string_view>
#include <system_error>
#include <utility>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace hydra_clients::cli {
namespace {

using Input = tl::expected<Secret, std::string>;

constexpr int kLookMilliseconds = 100;  ///< how often a wait looks whether to stop
constexpr std::size_t kNewline = 2;     ///< CRLF

tl::unexpected<std::string> because(std::string why) { return tl::unexpected(std::move(why)); }

/// A terminal on standard input that does not show what is typed while this object lives.
class Unseen {
 public:
  Unseen() {
    known_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (known_) silent_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~Unseen() {
    if (known_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  [[nodiscard]] bool silent() const { return silent_; }

 private:
  termios before_{};
  bool known_ = false;
  bool silent_ = false;
};

/// Reads into `bytes`, which has its full size and is not grown (that would leave copies behind), until the
/// input's end, or, of a terminal, a line's; the error is in words.
tl::expected<void, std::string> fill(std::string& bytes, bool line, const std::stop_token& stop) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    if (stop.stop_requested()) return because("stopped while the secret was read");
    pollfd entry{STDIN_FILENO, POLLIN, 0};
    if (poll(&entry, 1, kLookMilliseconds) <= 0) continue;
    const ssize_t got = read(STDIN_FILENO, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return because("standard input cannot be read: " + std::generic_category().message(errno));
    filled += static_cast<std::size_t>(got);
    if (got == 0 || (line && bytes[filled - 1] == '\n')) break;
  }
  bytes.resize(filled);
  return {};
}

Input readOnce(std::size_t limit, bool line, const std::stop_token& stop) {
  std::string bytes(limit + kNewline + 1, '\0');
  const auto read = fill(bytes, line, stop);
  if (bytes.ends_with('\n')) bytes.resize(bytes.size() - (bytes.ends_with("\r\n") ? 2 : 1));
  const bool fits = bytes.size() <= limit;
  Secret secret(std::move(bytes));
  if (!read) return because(read.error());
  if (!fits)
    return because("the secret is larger than the " + std::to_string(limit) + " bytes that it may have");
  return secret;
}

Input askOnce(const std::string& prompt, std::size_t limit, const std::stop_token& stop) {
  std::cerr << prompt << std::flush;
  auto secret = readOnce(limit, /*line=*/true, stop);
  std::cerr << "\n";
  return secret;
}

}  // namespace

Input readSecretInput(const std::string& prompt, std::size_t limit, const std::stop_token& stop) {
  if (isatty(STDIN_FILENO) == 0) return readOnce(limit, /*line=*/false, stop);
  const Unseen unseen;
  if (!unseen.silent())
    return because("the terminal cannot be kept from showing the secret: give it by a pipe");
  auto secret = askOnce(prompt + " (not shown): ", limit, stop);
  if (!secret) return secret;
  const auto again = askOnce("the same again: ", limit, stop);
  if (!again) return because(again.error());
  if (secret->reveal(Purpose::kComparison) != again->reveal(Purpose::kComparison))
    return because("the two are not the same: nothing was sealed");
  return secret;
}

}  // namespace hydra_clients::cli

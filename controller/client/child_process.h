#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace hydra_clients {

/// A program that is run to its end, which may have to be made for it: work that hangs in a library ends with
/// its process, and with nothing else.
///
///     auto end = runToEnd({"/proc/self/exe", {"hydra-clients", "version"}, {}, 10s}, stop);
///     if (end && end->kind == ChildEnd::Kind::kExited && end->code == 0) use(end->out);
struct ChildProcess {
  std::string program;                   ///< its path
  std::vector<std::string> words;        ///< argv, the program's name first
  std::vector<std::string> environment;  ///< "NAME=value"; nothing of this process's own is passed on
  std::chrono::milliseconds limit{0};    ///< after that it is ended
  std::size_t keptBytes = 16u << 10;     ///< of each of its streams; what it writes beyond is dropped
};

struct ChildEnd {
  enum class Kind : std::uint8_t {
    kExited,    ///< `code` is its exit code
    kKilled,    ///< by a signal of somebody else's, `code`
    kTimedOut,  ///< ended at the limit
    kStopped,   ///< ended because `stop` was requested
    kUnknown,   ///< ended somehow: it was not this that was told (as where SIGCHLD is ignored)
  };
  Kind kind = Kind::kExited;
  int code = 0;
  std::string out;
  std::string err;
};

/// Starts the program in a process group of its own, with no input and no descriptor but its streams, and
/// waits for its end. One that is to end gets SIGTERM, and kChildGrace later SIGKILL. What it started in its
/// group ends with it. The error says why it could not be started. Thread-safe.
[[nodiscard]] tl::expected<ChildEnd, std::string> runToEnd(const ChildProcess& child,
                                                           const std::stop_token& stop);

inline constexpr std::chrono::milliseconds kChildGrace{2'000};

}  // namespace hydra_clients

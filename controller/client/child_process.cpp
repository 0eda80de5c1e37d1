#include "client/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/file_descriptor.h"
#include "client/wake_up.h"

namespace hydra_clients {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How often it is looked whether the process has ended without ending its streams.
constexpr milliseconds kLook{100};
constexpr int kFirstOther = STDERR_FILENO + 1;  ///< descriptor that the child does not get
constexpr std::size_t kChunk = 4096;

tl::unexpected<std::string> cannotStart(int error) {
  return tl::unexpected("a process cannot be started: " + std::generic_category().message(error));
}

struct Pipe {
  FileDescriptor reads;
  FileDescriptor writes;
};

std::optional<Pipe> makePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  Pipe pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  if (::fcntl(pipe.reads.get(), F_SETFL, O_NONBLOCK) != 0) return std::nullopt;
  return pipe;
}

/// posix_spawn's two lists of what happens between the fork and the exec.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

/// Signals as a process has them that a shell started: here some are blocked, others ignored.
void setSignals(posix_spawnattr_t& attributes) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
}

std::vector<char*> pointersTo(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

tl::expected<pid_t, std::string> spawn(const ChildProcess& child, int out, int err) {
  SpawnPlan plan;
  posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&plan.actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&plan.actions, err, STDERR_FILENO);
  // Libraries open sockets that an exec would not close.
  posix_spawn_file_actions_addclosefrom_np(&plan.actions, kFirstOther);
  posix_spawnattr_setflags(&plan.attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&plan.attributes, 0);
  setSignals(plan.attributes);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, child.program.c_str(), &plan.actions, &plan.attributes,
                                pointersTo(child.words).data(), pointersTo(child.environment).data());
  if (error != 0) return cannotStart(error);
  return pid;
}

/// One of the child's streams.
class Stream {
 public:
  Stream(FileDescriptor reads, std::size_t keptBytes) : reads_(std::move(reads)), keptBytes_(keptBytes) {}

  /// -1 once it has ended, as poll() takes it.
  [[nodiscard]] int fd() const { return reads_.get(); }

  /// Takes what is there.
  void take() {
    std::array<char, kChunk> chunk{};
    while (reads_.valid()) {
      const ssize_t got = ::read(reads_.get(), chunk.data(), chunk.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) {
        reads_ = FileDescriptor();
        return;
      }
      kept.append(chunk.data(), std::min(static_cast<std::size_t>(got), keptBytes_ - kept.size()));
    }
  }

  std::string kept;

 private:
  FileDescriptor reads_;
  const std::size_t keptBytes_;
};

/// A child that runs.
class Running {
 public:
  Running(pid_t pid, Stream out, Stream err, milliseconds limit)
      : pid_(pid), out_(std::move(out)), err_(std::move(err)), endAt_(steady_clock::now() + limit) {}

  ChildEnd wait(const std::stop_token& stop) {
    const WakeUp wakeUp(stop);
    while (!reap()) {
      lookAtTime(stop);
      std::array<pollfd, 3> polled{{{out_.fd(), POLLIN, 0}, {err_.fd(), POLLIN, 0}, {-1, POLLIN, 0}}};
      if (!killAt_) polled[2].fd = wakeUp.fd();
      const auto wait =
          std::clamp(std::chrono::ceil<milliseconds>(next() - steady_clock::now()), milliseconds(0), kLook);
      ::poll(polled.data(), polled.size(), static_cast<int>(wait.count()));
      out_.take();
      err_.take();
    }
    out_.take();
    err_.take();
    end_.out = std::move(out_.kept);
    end_.err = std::move(err_.kept);
    return std::move(end_);
  }

 private:
  [[nodiscard]] steady_clock::time_point next() const { return killAt_ ? *killAt_ : endAt_; }

  void lookAtTime(const std::stop_token& stop) {
    const auto now = steady_clock::now();
    if (!killAt_) {
      if (!stop.stop_requested() && now < endAt_) return;
      end_.kind = stop.stop_requested() ? ChildEnd::Kind::kStopped : ChildEnd::Kind::kTimedOut;
      killAt_ = now + kChildGrace;
      ::kill(-pid_, SIGTERM);
    } else if (now >= *killAt_) {
      killAt_ = now + kLook;  // one that cannot be killed just now is in the kernel's hands
      ::kill(-pid_, SIGKILL);
    }
  }

  /// Whether it has ended; then `end_` says how, and nothing of it is left.
  bool reap() {
    siginfo_t info{};
    const int looked = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    if (looked == 0 && info.si_pid == 0) return false;
    if (looked != 0) {  // somebody else has reaped it, and its number may be another's by now
      if (errno == EINTR) return false;
      if (!killAt_) end_.kind = ChildEnd::Kind::kUnknown;
      return true;
    }
    ::kill(-pid_, SIGKILL);  // what it left behind in its group, whose number is its own until it is reaped
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (killAt_) return true;
    end_.kind = info.si_code == CLD_EXITED ? ChildEnd::Kind::kExited : ChildEnd::Kind::kKilled;
    end_.code = info.si_status;
    return true;
  }

  const pid_t pid_;
  Stream out_;
  Stream err_;
  const steady_clock::time_point endAt_;
  std::optional<steady_clock::time_point> killAt_;  ///< since it was asked to end
  ChildEnd end_;
};

}  // namespace

tl::expected<ChildEnd, std::string> runToEnd(const ChildProcess& child, const std::stop_token& stop) {
  auto out = makePipe();
  auto err = makePipe();
  if (!out || !err) return cannotStart(errno);
  const auto pid = spawn(child, out->writes.get(), err->writes.get());
  if (!pid) return tl::unexpected(pid.error());
  out->writes = FileDescriptor();
  err->writes = FileDescriptor();
  return Running(*pid, Stream(std::move(out->reads), child.keptBytes),
                 Stream(std::move(err->reads), child.keptBytes), child.limit)
      .wait(stop);
}

}  // namespace hydra_clients

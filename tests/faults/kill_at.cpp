// kill-at.so: ends a program at a chosen step of its work, or makes that step fail. To be loaded into the
// real program by LD_PRELOAD:
//
//     KILL_AT_PATH   a folder, absolute: calls on files below it, and on it, are steps
//     KILL_AT_PORT   a port: only sockets connected to it are steps; without it every socket of TCP or UNIX
//     is KILL_AT        NAME:N:WHAT, the N-th step of that name (N from 1):
//                      before, after   SIGKILL before the call, or when it has returned
//                      EIO, ENOSPC, …  the call is not made and fails so; with N+ every later one fails too
//     KILL_AT_LOOKS  1: looking at files, and reading them, are steps too: stat read list
//     KILL_AT_LOG    a file that gets a line for each step, before it is done: NAME N PATH
//
// NAME is one of: open mkdir write truncate chmod fsync rename link unlink (files), connect send recv
// (sockets), stat read list (files, with KILL_AT_LOOKS). The variants of a call (renameat2, fdatasync,
// writev, sendmsg, …) are steps of one name; a write or read of a socket is send or recv. Steps are counted
// over all threads. Children do not inherit it.
//
// Not seen are calls that the C library makes by itself (stdio), and opens that a fortified build checks
// (__openat_2): the program's own files are written by neither.

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

enum Name {
  kOpen,
  kMkdir,
  kWrite,
  kTruncate,
  kChmod,
  kFsync,
  kRename,
  kLink,
  kUnlink,
  kConnect,
  kSend,
  kRecv,
  kStat,
  kRead,
  kList,
  kNames
};
constexpr std::array<std::string_view, kNames> kWords = {"open",  "mkdir",  "write", "truncate", "chmod",
                                                         "fsync", "rename", "link",  "unlink",   "connect",
                                                         "send",  "recv",   "stat",  "read",     "list"};

struct Errno {
  std::string_view word;
  int value;
};
constexpr std::array kErrors = {Errno{"EIO", EIO},       Errno{"ENOSPC", ENOSPC}, Errno{"EROFS", EROFS},
                                Errno{"EACCES", EACCES}, Errno{"EDQUOT", EDQUOT}, Errno{"EINVAL", EINVAL},
                                Errno{"EPERM", EPERM},   Errno{"ENOSYS", ENOSYS}};

enum class What { kNothing, kBefore, kAfter, kFail };

/// What the environment asks for.
struct Plan {
  pid_t process = getpid();  ///< the one that is meant, and no child that it forks
  std::string path;
  int port = 0;
  bool looks = false;
  int log = -1;
  Name name = kNames;
  unsigned long number = 0;
  bool andLater = false;
  What what = What::kNothing;
  int error = 0;
};

[[noreturn]] void refuse(const char* variable) {
  std::fprintf(stderr, "kill-at: %s cannot be read\n", variable);
  std::_Exit(70);
}

/// Takes the text up to ":" off the front.
std::string_view next(std::string_view& text) {
  const std::size_t end = std::min(text.find(':'), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

void readStep(std::string_view text, Plan& plan) {
  const auto name = std::find(kWords.begin(), kWords.end(), next(text));
  std::string number(next(text));
  plan.name = static_cast<Name>(name - kWords.begin());
  plan.andLater = !number.empty() && number.back() == '+';
  if (plan.andLater) number.pop_back();
  plan.number = std::strtoul(number.c_str(), nullptr, 10);
  if (text == "before") plan.what = What::kBefore;
  if (text == "after") plan.what = What::kAfter;
  for (const Errno& known : kErrors) {
    if (text != known.word) continue;
    plan.what = What::kFail;
    plan.error = known.value;
  }
  const bool isKillOfMany = plan.andLater && plan.what != What::kFail;
  if (plan.name == kNames || plan.number == 0 || plan.what == What::kNothing || isKillOfMany)
    refuse("KILL_AT");
}

/// Also takes us out of the environment: a child that the program starts must be as without us.
Plan* readEnvironment() {
  auto* plan = new Plan;
  if (const char* path = std::getenv("KILL_AT_PATH")) plan->path = path;
  if (const char* port = std::getenv("KILL_AT_PORT")) plan->port = std::atoi(port);
  plan->looks = std::getenv("KILL_AT_LOOKS") != nullptr;
  if (const char* step = std::getenv("KILL_AT")) readStep(step, *plan);
  if (const char* log = std::getenv("KILL_AT_LOG")) {
    plan->log =
        static_cast<int>(syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (plan->log < 0) refuse("KILL_AT_LOG");
  }
  for (const char* variable :
       {"LD_PRELOAD", "KILL_AT", "KILL_AT_PATH", "KILL_AT_PORT", "KILL_AT_LOOKS", "KILL_AT_LOG"}) {
    unsetenv(variable);
  }
  return plan;
}

/// Null until this library is initialised: others make calls before. Never freed: some make calls at the end.
const Plan* const plan = readEnvironment();
std::array<std::atomic<unsigned long>, kNames> counts;

bool isArmed() { return plan != nullptr && plan->process == getpid(); }

[[noreturn]] void die() {
  kill(getpid(), SIGKILL);
  while (true) pause();  // until the signal is there
}

template <typename Call>
Call real(const char* name) {
  return reinterpret_cast<Call>(dlsym(RTLD_NEXT, name));
}

// ---- Which calls are steps --------------------------------------------------------------

bool isBelow(const std::string& path) {
  return !plan->path.empty() && path.starts_with(plan->path) &&
         (path.size() == plan->path.size() || path[plan->path.size()] == '/');
}

std::string pathOf(int file) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = readlink(link.c_str(), path.data(), path.size());
  return size < 0 ? std::string() : std::string(path.data(), static_cast<std::size_t>(size));
}

/// What a name means, as the kernel will take it but for links on the way.
std::string pathOf(int folder, const char* name) {
  std::array<char, PATH_MAX> current{};
  std::string path;
  if (name[0] != '/' && folder != AT_FDCWD) path = pathOf(folder) + "/";
  if (name[0] != '/' && folder == AT_FDCWD && getcwd(current.data(), current.size()) != nullptr) {
    path = std::string(current.data()) + "/";
  }
  path = std::filesystem::path(path + name).lexically_normal().string();
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

std::string shown(const std::string& path) {
  if (!isBelow(path)) return path;
  return path.size() == plan->path.size() ? "." : path.substr(plan->path.size() + 1);
}

bool isSocket(int file) {
  struct stat info {};
  return real<int (*)(int, struct stat*)>("fstat")(file, &info) == 0 && S_ISSOCK(info.st_mode);
}

int portOf(const sockaddr* address) {
  // Both families have the port in the same place.
  return ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port);
}

bool isWantedPeer(const sockaddr* address) {
  const bool isTcp = address->sa_family == AF_INET || address->sa_family == AF_INET6;
  if (plan->port != 0) return isTcp && portOf(address) == plan->port;
  return isTcp || address->sa_family == AF_UNIX;
}

bool isWantedSocket(int file) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  return getpeername(file, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
         isWantedPeer(reinterpret_cast<sockaddr*>(&peer));
}

// ---- Doing a step -----------------------------------------------------------------------

void log(Name name, unsigned long number, const std::string& what) {
  if (plan->log < 0) return;
  const std::string line = std::string(kWords.at(name)) + " " + std::to_string(number) + " " + what + "\n";
  (void)syscall(SYS_write, plan->log, line.data(), line.size());
}

/// Counts the step, and makes the call or what is to happen in its place.
template <typename Call>
auto step(Name name, const std::string& what, const Call& call) -> decltype(call()) {
  const unsigned long number = ++counts.at(name);
  log(name, number, what);
  const bool isIt =
      plan->name == name && (number == plan->number || (plan->andLater && number > plan->number));
  if (!isIt) return call();
  if (plan->what == What::kBefore) die();
  if (plan->what == What::kFail) {
    errno = plan->error;
    return -1;
  }
  const auto result = call();
  (void)result;
  die();
}

template <typename Call>
auto onPath(Name name, int folder, const char* path, const Call& call) -> decltype(call()) {
  if (!isArmed()) return call();
  const std::string full = pathOf(folder, path);
  return isBelow(full) ? step(name, shown(full), call) : call();
}

template <typename Call>
auto onPaths(Name name, int fromFolder, const char* from, int toFolder, const char* to, const Call& call)
    -> decltype(call()) {
  if (!isArmed()) return call();
  const std::string one = pathOf(fromFolder, from);
  const std::string other = pathOf(toFolder, to);
  return isBelow(one) || isBelow(other) ? step(name, shown(one) + " -> " + shown(other), call) : call();
}

template <typename Call>
auto onFile(Name name, int file, const Call& call) -> decltype(call()) {
  if (!isArmed() || plan->path.empty()) return call();
  const std::string path = pathOf(file);
  return isBelow(path) ? step(name, shown(path), call) : call();
}

template <typename Call>
auto onSocket(Name name, int file, const Call& call) -> decltype(call()) {
  return isArmed() && isWantedSocket(file) ? step(name, "socket", call) : call();
}

/// A call that finds nothing to read and does not wait is no step: how many there are is chance.
template <typename Call>
auto onReading(int file, const Call& call) -> decltype(call()) {
  if (!isArmed()) return call();
  if (!isSocket(file)) return plan->looks ? onFile(kRead, file, call) : call();
  pollfd readable{file, POLLIN, 0};
  const bool waits = (fcntl(file, F_GETFL) & O_NONBLOCK) == 0;
  return waits || poll(&readable, 1, 0) == 1 ? onSocket(kRecv, file, call) : call();
}

template <typename Call>
int onLooking(int folder, const char* path, const Call& call) {
  return isArmed() && plan->looks ? onPath(kStat, folder, path, call) : call();
}

/// The next entry of a folder.
template <typename Entry>
Entry* onListing(DIR* folder, Entry* (*next)(DIR*)) {
  if (!isArmed() || !plan->looks) return next(folder);
  const auto call = [&] { return reinterpret_cast<std::intptr_t>(next(folder)); };
  const std::intptr_t entry = onFile(kList, dirfd(folder), call);
  return entry == -1 ? nullptr : reinterpret_cast<Entry*>(entry);
}

template <typename Call>
auto onWriting(int file, const Call& call) -> decltype(call()) {
  if (!isArmed()) return call();
  return isSocket(file) ? onSocket(kSend, file, call) : onFile(kWrite, file, call);
}

/// open(2): only then there is a third argument.
bool takesMode(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

}  // namespace

// ---- The calls --------------------------------------------------------------------------
// Each looks the real one up anew: that is a hash table's work, and no state to guard.

#define REAL(name) real<decltype(&::name)>(#name)

#define OPEN(name)                                                                       \
  int name(const char* path, int flags, ...) {                                           \
    va_list rest;                                                                        \
    va_start(rest, flags);                                                               \
    const mode_t mode = takesMode(flags) ? va_arg(rest, mode_t) : 0;                     \
    va_end(rest);                                                                        \
    return onPath(kOpen, AT_FDCWD, path, [&] { return REAL(name)(path, flags, mode); }); \
  }

#define OPENAT(name)                                                                           \
  int name(int folder, const char* path, int flags, ...) {                                     \
    va_list rest;                                                                              \
    va_start(rest, flags);                                                                     \
    const mode_t mode = takesMode(flags) ? va_arg(rest, mode_t) : 0;                           \
    va_end(rest);                                                                              \
    return onPath(kOpen, folder, path, [&] { return REAL(name)(folder, path, flags, mode); }); \
  }

extern "C" {

// What is compiled for large files everywhere calls the names with 64.
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int mkdir(const char* path, mode_t mode) noexcept {
  return onPath(kMkdir, AT_FDCWD, path, [&] { return REAL(mkdir)(path, mode); });
}
int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  return onPath(kMkdir, folder, path, [&] { return REAL(mkdirat)(folder, path, mode); });
}

ssize_t write(int file, const void* bytes, size_t size) {
  return onWriting(file, [&] { return REAL(write)(file, bytes, size); });
}
ssize_t writev(int file, const iovec* parts, int count) {
  return onWriting(file, [&] { return REAL(writev)(file, parts, count); });
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return onFile(kWrite, file, [&] { return REAL(pwrite)(file, bytes, size, at); });
}
ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  return onFile(kWrite, file, [&] { return REAL(pwrite64)(file, bytes, size, at); });
}
ssize_t pwritev(int file, const iovec* parts, int count, off_t at) {
  return onFile(kWrite, file, [&] { return REAL(pwritev)(file, parts, count, at); });
}
ssize_t read(int file, void* bytes, size_t size) {
  return onReading(file, [&] { return REAL(read)(file, bytes, size); });
}
ssize_t readv(int file, const iovec* parts, int count) {
  return onReading(file, [&] { return REAL(readv)(file, parts, count); });
}

int ftruncate(int file, off_t size) noexcept {
  return onFile(kTruncate, file, [&] { return REAL(ftruncate)(file, size); });
}
int ftruncate64(int file, off64_t size) noexcept {
  return onFile(kTruncate, file, [&] { return REAL(ftruncate64)(file, size); });
}
int fchmod(int file, mode_t mode) noexcept {
  return onFile(kChmod, file, [&] { return REAL(fchmod)(file, mode); });
}

int fsync(int file) {
  return onFile(kFsync, file, [&] { return REAL(fsync)(file); });
}
int fdatasync(int file) {
  return onFile(kFsync, file, [&] { return REAL(fdatasync)(file); });
}
int syncfs(int file) noexcept {
  return onFile(kFsync, file, [&] { return REAL(syncfs)(file); });
}

int rename(const char* from, const char* to) noexcept {
  return onPaths(kRename, AT_FDCWD, from, AT_FDCWD, to, [&] { return REAL(rename)(from, to); });
}
int renameat(int fromFolder, const char* from, int toFolder, const char* to) noexcept {
  return onPaths(kRename, fromFolder, from, toFolder, to,
                 [&] { return REAL(renameat)(fromFolder, from, toFolder, to); });
}
int renameat2(int fromFolder, const char* from, int toFolder, const char* to, unsigned flags) noexcept {
  return onPaths(kRename, fromFolder, from, toFolder, to,
                 [&] { return REAL(renameat2)(fromFolder, from, toFolder, to, flags); });
}
int link(const char* from, const char* to) noexcept {
  return onPaths(kLink, AT_FDCWD, from, AT_FDCWD, to, [&] { return REAL(link)(from, to); });
}
int linkat(int fromFolder, const char* from, int toFolder, const char* to, int flags) noexcept {
  return onPaths(kLink, fromFolder, from, toFolder, to,
                 [&] { return REAL(linkat)(fromFolder, from, toFolder, to, flags); });
}
int unlink(const char* path) noexcept {
  return onPath(kUnlink, AT_FDCWD, path, [&] { return REAL(unlink)(path); });
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  return onPath(kUnlink, folder, path, [&] { return REAL(unlinkat)(folder, path, flags); });
}

int stat(const char* path, struct stat* info) noexcept {
  return onLooking(AT_FDCWD, path, [&] { return REAL(stat)(path, info); });
}
int lstat(const char* path, struct stat* info) noexcept {
  return onLooking(AT_FDCWD, path, [&] { return REAL(lstat)(path, info); });
}
int fstatat(int folder, const char* path, struct stat* info, int flags) noexcept {
  return onLooking(folder, path, [&] { return REAL(fstatat)(folder, path, info, flags); });
}
int fstat(int file, struct stat* info) noexcept {
  const auto call = [&] { return REAL(fstat)(file, info); };
  return isArmed() && plan->looks ? onFile(kStat, file, call) : call();
}
dirent* readdir(DIR* folder) { return onListing(folder, REAL(readdir)); }
dirent64* readdir64(DIR* folder) { return onListing(folder, REAL(readdir64)); }

int connect(int file, const sockaddr* address, socklen_t size) {
  const auto call = [&] { return REAL(connect)(file, address, size); };
  return isArmed() && address != nullptr && isWantedPeer(address) ? step(kConnect, "socket", call) : call();
}
ssize_t send(int file, const void* bytes, size_t size, int flags) {
  return onSocket(kSend, file, [&] { return REAL(send)(file, bytes, size, flags); });
}
ssize_t sendto(int file, const void* bytes, size_t size, int flags, const sockaddr* to, socklen_t length) {
  return onSocket(kSend, file, [&] { return REAL(sendto)(file, bytes, size, flags, to, length); });
}
ssize_t sendmsg(int file, const msghdr* message, int flags) {
  return onSocket(kSend, file, [&] { return REAL(sendmsg)(file, message, flags); });
}
ssize_t recv(int file, void* bytes, size_t size, int flags) {
  return onReading(file, [&] { return REAL(recv)(file, bytes, size, flags); });
}
ssize_t recvfrom(int file, void* bytes, size_t size, int flags, sockaddr* from, socklen_t* length) {
  return onReading(file, [&] { return REAL(recvfrom)(file, bytes, size, flags, from, length); });
}
ssize_t recvmsg(int file, msghdr* message, int flags) {
  return onReading(file, [&] { return REAL(recvmsg)(file, message, flags); });
}

}  // extern "C"

#include "client/state_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/file_error.h"
#include "client/file_io.h"
#include "client/folder_format.h"
#include "client/one_line.h"

namespace hydra_clients {
namespace {

constexpr mode_t kLockMode = 0600;
constexpr std::size_t kMostSigned = 512;
/// A folder without the file is one of a version that wrote none.
constexpr FolderFormat kFormat{.file = "format", .kind = "state", .version = "1"};

std::string about(const std::string& path, const std::string& why) {
  return "the state folder " + onOneLine(path) + ": " + why;
}

tl::unexpected<std::string> refused(const std::string& path, const std::string& why) {
  return tl::unexpected(about(path, why));
}

FileDescriptor opened(const std::string& path) {
  return FileDescriptor(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

tl::expected<void, std::string> makeStateFolder(const std::string& path) {
  const bool made = makePrivateFolder(path);
  if (!made && errno == ENOENT)
    return refused(path, "the folder that it should stand in is not there: make it, or mount the volume");
  struct stat info {};
  if (!made || ::stat(path.c_str(), &info) != 0) return refused(path, "cannot be made: " + fileError(errno));
  if (!S_ISDIR(info.st_mode)) return refused(path, "is a file: name a folder");
  if (::access(path.c_str(), W_OK | X_OK) != 0)
    return refused(path, "cannot be written to: " + fileError(errno));
  const FileDescriptor folder = opened(path);
  if (hasFormat(folder.get(), kOutboxFormat).value_or(false))
    return refused(path, "it is an outbox of generated secrets: name a folder of its own");
  const auto format = hasFormat(folder.get(), kFormat);
  if (!format) return refused(path, format.error());
  return {};
}

tl::expected<FileDescriptor, StateFault> lockStateFolder(const std::string& path) {
  const auto failed = [](std::string why) { return tl::unexpected(StateFault{std::move(why)}); };
  if (auto made = makeStateFolder(path); !made) return failed(std::move(made.error()));
  FileDescriptor lock(::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kLockMode));
  if (!lock.valid()) return failed(about(path, "its lock cannot be opened: " + fileError(errno)));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed(about(path, "its lock cannot be taken: " + fileError(errno)));
    return tl::unexpected(StateFault{
        about(path, "is in use by " + lockHolder(lock.get()) + "; give each process one of its own"),
        /*inUse=*/true});
  }
  signLock(lock.get());
  const auto isMarked = hasFormat(opened(path).get(), kFormat);
  if (!isMarked) return failed(about(path, isMarked.error()));
  if (!*isMarked && !replaceDurably(path, std::string(kFormat.file), kFormat.line()))
    return failed(about(path, "its file format cannot be written: " + fileError(errno)));
  return lock;
}

std::optional<std::string> stateFolderHolder(const std::string& path) {
  const FileDescriptor lock(::open((path + "/lock").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!lock.valid() || ::flock(lock.get(), LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return std::nullopt;
  return lockHolder(lock.get());
}

void signLock(int lock) {
  std::array<char, HOST_NAME_MAX + 1> host{};
  ::gethostname(host.data(), host.size() - 1);
  // A full disk must not keep this process from what it is about to do.
  if (::ftruncate(lock, 0) == 0) (void)!writeAll(lock, std::to_string(::getpid()) + ' ' + host.data() + '\n');
}

std::string lockHolder(int lock) {
  std::string text(kMostSigned, '\0');
  const ssize_t size = ::pread(lock, text.data(), text.size(), 0);
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  text.resize(std::min(text.find('\n'), text.size()));
  const auto blank = text.find(' ');
  if (text.empty() || blank == std::string::npos) return "another process";
  return onOneLine("process " + text.substr(0, blank) + " on " + text.substr(blank + 1));
}

}  // namespace hydra_clients

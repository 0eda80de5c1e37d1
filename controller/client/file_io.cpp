#include "client/file_io.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/file_descriptor.h"

namespace hydra_clients {
namespace {

/// What a file system says of a call that it does not know.
bool isUnknownHere(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EPERM || error == EMLINK;
}

bool linkThenUnlink(int fromFolder, const std::string& from, int toFolder, const std::string& to) {
  if (linkat(fromFolder, from.c_str(), toFolder, to.c_str(), 0) != 0) return false;
  if (unlinkat(fromFolder, from.c_str(), 0) == 0) return true;
  const int error = errno;
  unlinkat(toFolder, to.c_str(), 0);  // as it was before
  errno = error;
  return false;
}

bool checkThenRename(int fromFolder, const std::string& from, int toFolder, const std::string& to) {
  struct stat there {};
  if (fstatat(toFolder, to.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0) {
    errno = EEXIST;
    return false;
  }
  return errno == ENOENT && renameat(fromFolder, from.c_str(), toFolder, to.c_str()) == 0;
}

}  // namespace

bool writeAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

ssize_t readAll(int file, std::string& buffer) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t n = ::read(file, buffer.data() + filled, buffer.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  return static_cast<ssize_t>(filled);
}

bool renameToFree(int fromFolder, const std::string& from, int toFolder, const std::string& to,
                  Renaming way) {
  if (way == Renaming::kExclusive) {
    if (renameat2(fromFolder, from.c_str(), toFolder, to.c_str(), RENAME_NOREPLACE) == 0) return true;
    if (!isUnknownHere(errno)) return false;
  }
  if (way != Renaming::kChecked) {
    if (linkThenUnlink(fromFolder, from, toFolder, to)) return true;
    if (!isUnknownHere(errno)) return false;
  }
  return checkThenRename(fromFolder, from, toFolder, to);
}

bool makePrivateFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0) return errno == EEXIST;
  const FileDescriptor parent(::open((path + "/..").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return parent.valid() && ::fsync(parent.get()) == 0;
}

bool replaceDurably(const std::string& folder, const std::string& name, std::string_view bytes) {
  const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid()) return false;
  const std::string temporary = "." + name + ".new";
  {
    const FileDescriptor file(::openat(opened.get(), temporary.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.valid() || !writeAll(file.get(), bytes) || ::fsync(file.get()) != 0) return false;
  }
  return ::renameat(opened.get(), temporary.c_str(), opened.get(), name.c_str()) == 0 &&
         ::fsync(opened.get()) == 0;
}

}  // namespace hydra_clients

#include "manifest/sources/whole_file.h"

#include <cerrno>
#include <limits>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "manifest/sources/folder_source.h"

namespace hydra_clients::manifest {
namespace {

using Kind = SourceError::Kind;

SourceError torn(const std::string& shown) { return {Kind::kTorn, shown + ": changed while it was read"}; }

SourceError unreadable(std::string message) {
  return {Kind::kUnreadable, std::move(message), "file-unreadable"};
}

std::string whatElse(mode_t mode) {
  if (S_ISDIR(mode)) return "is a folder, not a file";
  if (S_ISFIFO(mode)) return "is a pipe, not a file; for standard input write -";
  if (S_ISSOCK(mode)) return "is a socket, not a file";
  return "is a device, not a file; for standard input write -";
}

}  // namespace

FileDescriptor openForReading(int folder, const char* path) {
  return FileDescriptor(::openat(folder, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

SourceError openingError(const std::string& shown, int error) {
  if (error == ENOENT || error == ENOTDIR || error == ESTALE) return torn(shown);
  return unreadable("cannot be read: " + describeErrno(error));
}

SourceError tooLarge(std::uint64_t size, std::uint64_t limit) {
  return {Kind::kLimit,
          "the file has " + std::to_string(size) + " bytes, and at most " + std::to_string(limit) +
              " are allowed",
          "file-size"};
}

tl::expected<std::string, SourceError> readOpenFile(int fd, const std::string& shown, std::uint64_t limit,
                                                    const FileIdentity* expected) {
  struct stat before {};
  if (::fstat(fd, &before) != 0) return tl::unexpected(unreadable("cannot be read: " + describeErrno(errno)));
  if (expected != nullptr && FileStamp::of(before).identity() != *expected)
    return tl::unexpected(torn(shown));
  if (!S_ISREG(before.st_mode)) {
    return tl::unexpected(SourceError{Kind::kUnreadable, whatElse(before.st_mode), "not-a-file"});
  }
  const auto size = static_cast<std::uint64_t>(before.st_size);
  if (size > limit) return tl::unexpected(tooLarge(size, limit));
  std::string content(size, '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t count = ::read(fd, content.data() + filled, content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      if (errno == ESTALE) return tl::unexpected(torn(shown));
      return tl::unexpected(unreadable("cannot be read: " + describeErrno(errno)));
    }
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  struct stat after {};
  const bool stands =
      expected != nullptr || (::fstat(fd, &after) == 0 && FileStamp::of(after) == FileStamp::of(before));
  if (filled != content.size() || !stands) {
    return tl::unexpected(torn(shown));
  }
  return content;
}

tl::expected<std::string, SourceError> readWholeFile(const std::string& path, std::uint64_t limit) {
  const FileDescriptor file = openForReading(AT_FDCWD, path.c_str());
  if (!file.valid()) {
    const int error = errno;
    const Kind kind = error == ENOENT || error == ENOTDIR ? Kind::kAbsent : Kind::kUnreadable;
    struct stat link {};
    const bool isLink = ::lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode);
    if (kind == Kind::kAbsent && isLink) {
      return tl::unexpected(
          SourceError{kind, path + ": is a symbolic link that leads nowhere", "link-broken"});
    }
    return tl::unexpected(
        SourceError{kind, path + ": cannot be read: " + describeErrno(error), "file-unreadable"});
  }
  auto content = readOpenFile(file.get(), path, limit, nullptr);
  if (!content && content.error().kind != Kind::kTorn) {
    content.error().message.insert(0, path + ": ");
  }
  return content;
}

}  // namespace hydra_clients::manifest

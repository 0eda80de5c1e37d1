#include "secrets/outbox_files.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/file_descriptor.h"
#include "client/file_error.h"
#include "client/file_io.h"
#include "client/one_line.h"

namespace hydra_clients::secrets {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr char kNumberSign = '+';

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

/// Opens the folder anew: reading its names moves a position that copies of a descriptor share.
std::unique_ptr<DIR, CloseFolder> openForNames(int folder) {
  FileDescriptor own(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::unique_ptr<DIR, CloseFolder> names(own.valid() ? fdopendir(own.get()) : nullptr);
  if (names) (void)own.release();
  return names;
}

/// A network's file system may say only at the closing that the bytes found no place.
bool writeWhole(FileDescriptor file, std::string_view text) {
  return writeAll(file.get(), text) && fsync(file.get()) == 0 && close(file.release()) == 0;
}

void remove(const Place& place) {
  const int error = errno;
  unlinkat(place.folder, place.name.c_str(), 0);
  errno = error;
}

}  // namespace

std::string pendingName(const ClientId& id, std::string_view stamp) {
  return fileNameOf(id) + kNumberSign + std::string(stamp) + std::string(kSealedSuffix);
}

std::string confirmedName(const ClientId& id, unsigned number) {
  std::string name = fileNameOf(id);
  if (number > 1) name += kNumberSign + std::to_string(number);
  return name + std::string(kSealedSuffix);
}

unsigned confirmedNumber(const ClientId& id, const std::string& name) {
  const std::string begin = fileNameOf(id);
  unsigned number = 1;
  if (name.size() > begin.size() && name[begin.size()] == kNumberSign) {
    std::from_chars(name.data() + begin.size() + 1, name.data() + name.size(), number);
  }
  return name == confirmedName(id, number) ? number : 0;
}

std::string outboxError(int error) {
  if (error == EXDEV)
    return "its .pending is on another file system, and nothing can be renamed out of it: unmount that";
  return fileError(error);
}

tl::expected<std::string, std::string> readRegularFile(int folder, const std::string& name,
                                                       std::size_t maxBytes) {
  const FileDescriptor file(
      openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  struct stat info {};
  if (!file.valid() && errno == ELOOP) return tl::make_unexpected("is a symbolic link");
  if (!file.valid() && errno == ENXIO) return tl::make_unexpected("is not a regular file");
  if (!file.valid() || fstat(file.get(), &info) != 0) {
    return tl::make_unexpected("cannot be opened: " + outboxError(errno));
  }
  if (!S_ISREG(info.st_mode)) return tl::make_unexpected("is not a regular file");
  const auto size = static_cast<std::uintmax_t>(info.st_size);
  if (size > maxBytes) return tl::make_unexpected("is larger than " + std::to_string(maxBytes) + " bytes");
  std::string text(static_cast<std::size_t>(size), '\0');
  const ssize_t got = readAll(file.get(), text);
  if (got < 0) return tl::make_unexpected("cannot be read: " + outboxError(errno));
  text.resize(static_cast<std::size_t>(got));
  return text;
}

tl::expected<std::vector<std::string>, std::string> namesIn(int folder) {
  const auto names = openForNames(folder);
  if (!names) return tl::make_unexpected("cannot be read: " + outboxError(errno));
  std::vector<std::string> found;
  while (true) {  // ends with the folder, or with too many names
    errno = 0;
    const dirent* entry = readdir(names.get());
    if (entry == nullptr && errno != 0) return tl::make_unexpected("cannot be read: " + outboxError(errno));
    if (entry == nullptr) break;
    const std::string_view name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") found.emplace_back(name);
    if (found.size() > kMaxOutboxEntries) {
      return tl::make_unexpected("holds more than the " + std::to_string(kMaxOutboxEntries) +
                                 " files that are read: move the oldest secrets out of it");
    }
  }
  std::ranges::sort(found);
  return found;
}

bool isThere(int folder, const std::string& name) {
  struct stat info {};
  return fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

void FileWarnings::add(std::string_view warning) {
  if (kept_.size() < kMost) {
    kept_.push_back(onOneLine(warning));
  } else {
    ++beyond_;
  }
}

std::vector<std::string> FileWarnings::all() const {
  std::vector<std::string> all = kept_;
  if (beyond_ > 0) all.push_back(std::to_string(beyond_) + " more files of the outbox have such faults");
  return all;
}

Place temporaryIn(int pendingFolder) { return {pendingFolder, std::string(kTemporaryPrefix) + randomUuid()}; }

bool writeDurably(const Place& temporary, const Place& place, std::string_view text) {
  FileDescriptor file(openat(temporary.folder, temporary.name.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (!file.valid()) return false;
  if (!writeWhole(std::move(file), text) ||
      !renameToFree(temporary.folder, temporary.name, place.folder, place.name)) {
    remove(temporary);
    return false;
  }
  if (fsync(place.folder) == 0) return true;
  remove(place);
  return false;
}

}  // namespace hydra_clients::secrets

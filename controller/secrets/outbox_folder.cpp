#include "secrets/outbox_folder.h"

#include <cerrno>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/client_id.h"
#include "client/file_io.h"
#include "client/folder_format.h"
#include "client/one_line.h"
#include "client/state_folder.h"
#include "secrets/outbox_files.h"

namespace hydra_clients::secrets {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kForOthers = 0077;
constexpr mode_t kLockMode = 0600;
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
constexpr int kLockFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

using Done = tl::expected<void, std::string>;

tl::unexpected<std::string> refused(const std::string& path, const std::string& why) {
  return tl::make_unexpected("the outbox " + onOneLine(path) + ": " + why);
}

/// `name` below the outbox in an error: "DIR/.lock cannot be opened: …".
tl::unexpected<std::string> failedAt(const std::string& path, std::string_view name, const char* what) {
  return tl::unexpected(onOneLine(path + "/" + std::string(name)) + " cannot be " + what + ": " +
                        outboxError(errno));
}

std::string withoutSlashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

std::string octal(mode_t mode) {
  std::string digits;
  for (int shift = 9; shift >= 0; shift -= 3) digits += static_cast<char>('0' + ((mode >> shift) & 7U));
  return digits;
}

std::string whyNotAFolder(const std::string& path, int error) {
  struct stat link {};
  const bool dangling = error == ENOENT && lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode);
  if (dangling) return "it is a symbolic link to nothing: make the folder that it leads to";
  if (error == ENOTDIR) return "it, or what should be a folder above it, is a file: name a folder";
  return outboxError(error);
}

/// Of an outbox that this process had open before.
constexpr const char* kHowToGoOn =
    "put it back, or mount its volume again; where it is lost for good, start this process again, and a new "
    "one is made";

tl::expected<FileDescriptor, std::string> openFolder(const std::string& path) {
  FileDescriptor folder(::open(path.c_str(), kFolderFlags));
  if (!folder.valid()) return refused(path, whyNotAFolder(path, errno));
  return folder;
}

/// Durable when it returns, or a crash could take the folder away with all that is written into it.
Done makeFolder(const std::string& path) {
  if (makePrivateFolder(path)) return {};
  if (errno == ENOENT) {
    return refused(path, "the folder that it should stand in is not there: make it, or mount the volume");
  }
  return refused(path, "it cannot be made: " + whyNotAFolder(path, errno));
}

Done checkThere(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 || errno != ENOENT) return {};  // opening it tells the rest
  return refused(path, std::string("it is gone, and was there before: ") + kHowToGoOn);
}

/// Whether there is a `.format`, and it is this program's. Anything else is not ours to touch.
tl::expected<bool, std::string> isOutboxFolder(const std::string& path, int folder) {
  auto format = hasFormat(folder, kOutboxFormat);
  if (!format) return refused(path, format.error());
  return format;
}

/// A folder without `.format` becomes an outbox only where nothing of anybody's is in it.
Done checkEmpty(const std::string& path, int folder) {
  auto names = namesIn(folder);
  if (!names) return refused(path, names.error());
  for (const std::string& name : *names) {
    if (name == kLockFile || name == kPendingFolder || name == kLostAndFound) continue;
    return refused(path, "it is not an outbox and not empty (it holds " + onOneLine(name) +
                             "): give the outbox a folder of its own");
  }
  return {};
}

Done checkAccess(const std::string& path, const struct stat& info, bool isOutbox) {
  if (info.st_uid != geteuid()) {
    return refused(path, "it belongs to user " + std::to_string(info.st_uid) +
                             " and this process runs as user " + std::to_string(geteuid()) +
                             ": name a folder inside it, which is then made");
  }
  const bool tooOpen = (info.st_mode & S_IWOTH) != 0 || ((info.st_mode & S_IWGRP) != 0 && !isOutbox);
  if (!tooOpen) return {};
  return refused(path, "others may write to it (mode " + octal(info.st_mode) +
                           "): name a folder inside it, which is then made for this user alone");
}

bool isSameFile(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/// Whether the name below the folder still means what is open.
bool stillNamed(int folder, std::string_view name, int open) {
  struct stat held {};
  struct stat named {};
  return fstat(open, &held) == 0 &&
         fstatat(folder, std::string(name).c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         isSameFile(held, named);
}

tl::expected<FileDescriptor, std::string> takeLock(const std::string& path, int folder) {
  const std::string name(kLockFile);
  FileDescriptor lock(openat(folder, name.c_str(), kLockFlags | O_CREAT, kLockMode));
  struct stat info {};
  if (!lock.valid() || fstat(lock.get(), &info) != 0) return failedAt(path, name, "opened");
  if (!S_ISREG(info.st_mode)) return refused(path, "its .lock is not a regular file: remove it");
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failedAt(path, name, "locked");
    return refused(
        path, "it is in use by " + lockHolder(lock.get()) + "; an outbox belongs to one process at a time");
  }
  if (!stillNamed(folder, name, lock.get()))
    return refused(path, "its .lock was removed just now: try again");
  signLock(lock.get());
  return lock;
}

/// Not valid where there is none.
tl::expected<FileDescriptor, std::string> openPending(const std::string& path, int folder) {
  FileDescriptor pending(openat(folder, std::string(kPendingFolder).c_str(), kFolderFlags | O_NOFOLLOW));
  if (pending.valid() || errno == ENOENT) return pending;
  if (errno == ENOTDIR || errno == ELOOP) {
    return refused(path, "its .pending is not a folder but a file or a symbolic link: move it away");
  }
  return failedAt(path, kPendingFolder, "opened");
}

/// The first start in this folder, or what a killed first start left to do.
tl::expected<FileDescriptor, std::string> makePending(const std::string& path, int folder) {
  if (mkdirat(folder, std::string(kPendingFolder).c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return failedAt(path, kPendingFolder, "made");
  }
  auto pending = openPending(path, folder);
  if (!pending) return pending;
  struct stat info {};
  if (!pending->valid() || fstat(pending->get(), &info) != 0 || fsync(folder) != 0) {
    return failedAt(path, kPendingFolder, "made");
  }
  struct stat outbox {};
  if (fstat(folder, &outbox) != 0 || outbox.st_dev != info.st_dev) {
    return refused(
        path, "its .pending is on another file system, and nothing can be renamed out of it: unmount that");
  }
  if (info.st_uid == geteuid()) return pending;
  return refused(path, "its .pending belongs to user " + std::to_string(info.st_uid) + ": chown it to user " +
                           std::to_string(geteuid()));
}

Done writeFormat(const std::string& path, int folder, int pending) {
  if (!writeDurably(temporaryIn(pending), {folder, std::string(kOutboxFormat.file)}, kOutboxFormat.line())) {
    return failedAt(path, kOutboxFormat.file, "written");
  }
  return {};
}

/// Takes away what others may; the warning says what that was.
tl::expected<std::vector<std::string>, std::string> closeToOthers(const std::string& path, int folder,
                                                                  mode_t mode) {
  if ((mode & kForOthers) == 0) return std::vector<std::string>();
  if (fchmod(folder, kFolderMode) != 0) return refused(path, "chmod 700 of it fails: " + outboxError(errno));
  return std::vector{"the outbox " + onOneLine(path) + " was open to others (mode " + octal(mode) +
                     "): its mode is 0700 now"};
}

}  // namespace

tl::expected<OutboxFolder, std::string> OutboxFolder::open(const std::string& path, Beginning beginning) {
  OutboxFolder outbox;
  outbox.path_ = withoutSlashes(path);
  const auto there = beginning == Beginning::kAllowed ? makeFolder(outbox.path_) : checkThere(outbox.path_);
  if (!there) return tl::unexpected(there.error());
  auto folder = openFolder(outbox.path_);
  if (!folder) return tl::unexpected(std::move(folder.error()));
  outbox.folder_ = std::move(*folder);
  const int descriptor = outbox.descriptor();

  struct stat info {};
  if (fstat(descriptor, &info) != 0) return refused(path, outboxError(errno));
  const auto isOutbox = isOutboxFolder(outbox.path_, descriptor);
  if (!isOutbox) return tl::unexpected(isOutbox.error());
  if (!*isOutbox && beginning == Beginning::kForbidden)
    return refused(
        path, std::string("it is gone, and a folder that is no outbox stands in its place: ") + kHowToGoOn);
  auto mayBegin = checkAccess(outbox.path_, info, *isOutbox);
  if (mayBegin && !*isOutbox) mayBegin = checkEmpty(outbox.path_, descriptor);
  if (!mayBegin) return tl::unexpected(std::move(mayBegin.error()));

  auto lock = takeLock(outbox.path_, descriptor);
  if (!lock) return tl::unexpected(std::move(lock.error()));
  outbox.lock_ = std::move(*lock);
  auto warnings = closeToOthers(outbox.path_, descriptor, info.st_mode);
  if (!warnings) return tl::unexpected(std::move(warnings.error()));
  outbox.warnings_ = std::move(*warnings);
  auto pending = makePending(outbox.path_, descriptor);
  if (!pending) return tl::unexpected(std::move(pending.error()));
  outbox.pending_ = std::move(*pending);
  if (*isOutbox) return outbox;
  const auto formatted = writeFormat(outbox.path_, descriptor, outbox.pending());
  if (!formatted && !isOutboxFolder(outbox.path_, descriptor).value_or(false))
    return tl::unexpected(formatted.error());
  return outbox;
}

tl::expected<void, std::string> OutboxFolder::stillStands() const {
  struct stat held {};
  struct stat named {};
  const bool same =
      fstat(descriptor(), &held) == 0 && stat(path_.c_str(), &named) == 0 && isSameFile(held, named);
  if (!same) {
    return refused(path_, "the folder was removed or moved, or another stands in its place");
  }
  for (const auto& [name, open] : {std::pair(kPendingFolder, pending()), std::pair(kLockFile, lock_.get())}) {
    if (stillNamed(descriptor(), name, open)) continue;
    return refused(path_, "its " + std::string(name) + " was removed or replaced");
  }
  return {};
}

tl::expected<ReadFolders, std::string> openOutboxToRead(const std::string& path) {
  ReadFolders folders;
  folders.path = withoutSlashes(path);
  auto folder = openFolder(folders.path);
  if (!folder) return tl::unexpected(std::move(folder.error()));
  folders.folder = std::move(*folder);
  const auto isOutbox = isOutboxFolder(folders.path, folders.folder.get());
  if (!isOutbox) return tl::unexpected(isOutbox.error());
  if (!*isOutbox) return refused(path, "it is not an outbox: there is no file .format in it");
  auto pending = openPending(folders.path, folders.folder.get());
  if (!pending) return tl::unexpected(std::move(pending.error()));
  folders.pending = std::move(*pending);
  return folders;
}

}  // namespace hydra_clients::secrets

#include "manifest/sources/folder_walk.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>
#include <string_view>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "client/side_by_side.h"

namespace hydra_clients::manifest {
namespace {

using Kind = SourceError::Kind;

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

/// How many entries of a folder are held before they are visited.
constexpr std::size_t kEntriesAtOnce = 4096;

std::string_view nameOfType(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

/// One walk over a tree.
class Walk {
 public:
  Walk(std::string shownRoot, std::string confinement)
      : shownRoot_(std::move(shownRoot)), confinement_(std::move(confinement)) {}

  /// Lists one folder. `prefix` is its path below the root, with a slash at its end, or "".
  tl::expected<void, SourceError> list(FileDescriptor folder, const std::string& prefix) {
    struct stat status {};
    if (::fstat(folder.get(), &status) != 0) return failed(prefix, errno);
    if (ancestors_.size() >= kDeepestFolder) {
      return tl::unexpected(SourceError{Kind::kLimit, shown(prefix) + ": folders are nested deeper than " +
                                                          std::to_string(kDeepestFolder)});
    }
    ancestors_.push_back(FileStamp::of(status));
    noteChange(ancestors_.back());
    const int fd = folder.get();
    const Directory directory(::fdopendir(fd));
    if (!directory) return failed(prefix, errno);
    (void)folder.release();  // the stream owns it now
    auto listed = listEntries(*directory, fd, prefix);
    ancestors_.pop_back();
    return listed;
  }

  FoundTree found;

 private:
  /// An entry, and what stat says of it: a link itself, not what it leads to.
  struct Entry {
    std::string name;
    struct stat status {};
    int error = 0;
  };

  tl::expected<void, SourceError> listEntries(DIR& directory, int fd, const std::string& prefix) {
    std::vector<Entry> entries;
    do {  // bounded by kMostEntries
      if (auto taken = takeEntries(directory, prefix, entries); !taken) return taken;
      sideBySide(
          entries.size(), threadsFor(entries.size()), [] { return true; },
          [&](std::size_t i) {
            Entry& entry = entries[i];
            if (::fstatat(fd, entry.name.c_str(), &entry.status, AT_SYMLINK_NOFOLLOW) != 0)
              entry.error = errno;
            return true;
          });
      for (const Entry& entry : entries) {
        if (auto visited = visit(fd, entry, prefix + entry.name); !visited) return visited;
      }
    } while (!entries.empty());
    return {};
  }

  /// The next entries that may be of interest, at most kEntriesAtOnce; none after the last.
  tl::expected<void, SourceError> takeEntries(DIR& directory, const std::string& prefix,
                                              std::vector<Entry>& entries) {
    entries.clear();
    while (entries.size() < kEntriesAtOnce) {
      errno = 0;
      const dirent* const entry =
          ::readdir(&directory);  // NOLINT(concurrency-mt-unsafe): a stream of our own
      if (entry == nullptr && errno != 0) return failed(prefix, errno);
      if (entry == nullptr) break;
      std::string name = entry->d_name;
      if (name.starts_with('.')) continue;
      if (++entries_ > kMostEntries) {
        return tl::unexpected(SourceError{
            Kind::kLimit, shown("") + ": more than " + std::to_string(kMostEntries) + " entries"});
      }
      if (entry->d_type == DT_REG && !isManifestName(name)) {
        noteSkipped(prefix + name);
        continue;
      }
      entries.push_back({std::move(name), {}, 0});
    }
    return {};
  }

  tl::expected<void, SourceError> visit(int folder, const Entry& entry, const std::string& path) {
    const auto& [name, status, error] = entry;
    if (error != 0) return failed(path, error);
    if (S_ISLNK(status.st_mode)) return visitLink(folder, name, path, status);
    if (S_ISDIR(status.st_mode) && !isManifestName(name)) return descend(folder, name, path, O_NOFOLLOW);
    visitFile(name, path, status);
    return {};
  }

  void visitFile(const std::string& name, const std::string& path, const struct stat& status) {
    if (!isManifestName(name)) return noteSkipped(path);
    if (S_ISREG(status.st_mode)) {
      add(path, status, nullptr);
    } else {
      addFault(path, status, "not-a-file",
               "is " + std::string(nameOfType(status.st_mode)) + "; what is named *.json must be a file");
    }
  }

  void noteSkipped(const std::string& path) {
    if (isYamlName(path)) found.skipped.yaml.note(path);
  }

  /// The link is opened once, without reading what it leads to, and judged by where that really is.
  tl::expected<void, SourceError> visitLink(int folder, const std::string& name, const std::string& path,
                                            const struct stat& link) {
    const FileDescriptor target(::openat(folder, name.c_str(), O_PATH | O_CLOEXEC));
    if (!target.valid()) return visitBrokenLink(path, link, errno);
    struct stat status {};
    if (::fstat(target.get(), &status) != 0) return failed(path, errno);
    const bool isFolder = S_ISDIR(status.st_mode);
    if (!isFolder && !isManifestName(name)) return {};
    if (!isInside(realPathOf(target.get()), confinement_)) {
      addFault(path, link, "link-leaves-root",
               "is a symbolic link that leads out of " + shownRoot_ + "; only files inside it are read");
      return {};
    }
    if (!isFolder || isManifestName(name)) {
      visitFile(name, path, status);
      return {};
    }
    const FileStamp stamp = FileStamp::of(status);
    const bool isLoop = std::ranges::any_of(ancestors_, [&](const FileStamp& ancestor) {
      return ancestor.device == stamp.device && ancestor.inode == stamp.inode;
    });
    if (!isLoop) return descend(folder, name, path, 0);
    addFault(path, link, "link-loop", "is a symbolic link to a folder that holds it");
    return {};
  }

  tl::expected<void, SourceError> visitBrokenLink(const std::string& path, const struct stat& link,
                                                  int error) {
    if (error == EACCES || error == EPERM) {
      addFault(path, link, "file-unreadable",
               "is a symbolic link that may not be followed: " + describeErrno(error));
      return {};
    }
    if (error != ENOENT && error != ENOTDIR && error != ELOOP) return failed(path, error);
    addFault(
        path, link, "link-broken",
        error == ELOOP ? "is a symbolic link that leads to itself" : "is a symbolic link that leads nowhere");
    return {};
  }

  tl::expected<void, SourceError> descend(int folder, const std::string& name, const std::string& path,
                                          int flags) {
    FileDescriptor child(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags));
    if (!child.valid()) return failed(path, errno);
    return list(std::move(child), path + '/');
  }

  void noteChange(const FileStamp& stamp) {
    found.lastChange = std::max(found.lastChange, stamp.lastChange());
  }

  void addFault(const std::string& path, const struct stat& status, std::string rule, std::string message) {
    add(path, status,
        std::make_unique<SourceError>(SourceError{Kind::kUnreadable, std::move(message), std::move(rule)}));
  }

  void add(const std::string& path, const struct stat& status, std::unique_ptr<SourceError> fault) {
    const FileStamp stamp = FileStamp::of(status);
    noteChange(stamp);
    found.files.push_back({path, stamp.identity(), stamp.lastChange(), std::move(fault)});
  }

  /// What was there a moment ago and is gone now makes the snapshot torn; what may not be read makes it
  /// unreadable, since nobody knows which manifests are behind it.
  tl::unexpected<SourceError> failed(const std::string& path, int error) const {
    const bool changed = error == ENOENT || error == ENOTDIR || error == ELOOP || error == ESTALE;
    return tl::unexpected(SourceError{changed ? Kind::kTorn : Kind::kUnreadable,
                                      shown(path) +
                                          (changed ? ": changed while it was read: " : ": cannot be read: ") +
                                          describeErrno(error)});
  }

  [[nodiscard]] std::string shown(const std::string& path) const {
    return path.empty() ? shownRoot_ : shownRoot_ + '/' + path;
  }

  std::string shownRoot_, confinement_;
  std::vector<FileStamp> ancestors_;
  std::size_t entries_ = 0;
};

}  // namespace

FileStamp FileStamp::of(const struct stat& status) {
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
          nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

FileIdentity FileStamp::identity() const {
  return {{device, inode, size, static_cast<std::uint64_t>(modified), static_cast<std::uint64_t>(changed)}};
}

std::int64_t FileStamp::lastChange() const { return std::max(modified, changed); }

tl::expected<FoundTree, SourceError> walkFolder(int root, const std::string& shownRoot,
                                                const std::string& confinement) {
  // A descriptor of its own: the walk closes it, and reads from the folder's beginning.
  FileDescriptor folder(::openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) {
    const Kind kind = errno == ENOENT || errno == ESTALE ? Kind::kTorn : Kind::kUnreadable;
    return tl::unexpected(SourceError{kind, shownRoot + ": cannot be listed: " + describeErrno(errno)});
  }
  Walk walk(shownRoot, confinement);
  if (auto listed = walk.list(std::move(folder), ""); !listed)
    return tl::unexpected(std::move(listed.error()));
  std::ranges::sort(walk.found.files, {}, &FoundFile::relativePath);
  return std::move(walk.found);
}

std::string realPathOf(int fd) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = ::readlink(link.c_str(), path.data(), path.size());
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : std::string();
}

bool isInside(const std::string& path, const std::string& root) {
  return root == "/" || (path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/'));
}

std::string describeErrno(int error) { return std::generic_category().message(error); }

}  // namespace hydra_clients::manifest

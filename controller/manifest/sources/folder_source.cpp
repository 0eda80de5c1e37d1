#include "manifest/sources/folder_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <ctime>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "manifest/sources/folder_walk.h"
#include "manifest/sources/whole_file.h"

namespace hydra_clients::manifest {
namespace {

using Kind = SourceError::Kind;

constexpr const char* kConfigMapLink =
    "..data";  // what the kubelet swaps to change all files of a mount at once

/// A file that was written within the last moments may be written again without its times showing it: their
/// clock ticks every few milliseconds, on some file systems every second or two.
constexpr std::int64_t kSettledAfter = 2'000'000'000;  // nanoseconds

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

/// An identity that equals no other, so that the file is read again.
std::string unsettled(const FileStamp& stamp) {
  static thread_local std::uint64_t counter = 0;
  return stamp.text() + "~" + std::to_string(++counter);
}

std::optional<std::string> linkTarget(int folder, const char* name) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlinkat(folder, name, target.data(), target.size());
  if (length <= 0) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(length));
}

/// The folder that a snapshot reads, held open: whatever happens to the path, this is the folder meant.
struct PinnedFolder {
  FileDescriptor mount;   ///< what the path named
  FileDescriptor folder;  ///< where the files are: the same, or what `..data` named
  std::optional<std::string> dataLink;
  std::string confinement;  ///< real path that links may not leave
};

SourceError tornRoot(const std::string& root) {
  return {Kind::kTorn, root + ": was replaced while it was read"};
}

SourceError openingRootError(const std::string& root, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return {Kind::kAbsent, root + ": is not there; a folder of manifests or one *.json file is expected"};
  }
  return {Kind::kUnreadable, root + ": cannot be read: " + describeErrno(error)};
}

tl::expected<PinnedFolder, SourceError> pin(const std::string& root) {
  PinnedFolder pinned;
  pinned.mount = FileDescriptor(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!pinned.mount.valid()) return tl::unexpected(openingRootError(root, errno));
  pinned.confinement = realPathOf(pinned.mount.get());
  if (pinned.confinement.empty()) {
    return tl::unexpected(
        SourceError{Kind::kUnreadable, root + ": its real path is unknown (is /proc mounted?)"});
  }
  pinned.dataLink = linkTarget(pinned.mount.get(), kConfigMapLink);
  const std::string inside = pinned.dataLink.value_or(".");
  pinned.folder =
      FileDescriptor(::openat(pinned.mount.get(), inside.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!pinned.folder.valid()) return tl::unexpected(tornRoot(root));
  if (!isInside(realPathOf(pinned.folder.get()), pinned.confinement)) {
    return tl::unexpected(SourceError{Kind::kUnreadable, root + ": its link ..data leads out of it"});
  }
  return pinned;
}

bool sameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// Whether the path still leads to the folder that is held open.
bool stillNamed(const std::string& root, const PinnedFolder& pinned) {
  struct stat held {
  }, named{};
  if (::fstat(pinned.mount.get(), &held) != 0 || ::stat(root.c_str(), &named) != 0) return false;
  return sameFile(held, named) && linkTarget(pinned.mount.get(), kConfigMapLink) == pinned.dataLink;
}

class FolderSnapshot final : public Snapshot {
 public:
  FolderSnapshot(std::string root, PinnedFolder pinned, std::vector<FoundFile> found)
      : root_(std::move(root)), pinned_(std::move(pinned)), found_(std::move(found)) {
    const std::int64_t settled = now() - kSettledAfter;
    files_.reserve(found_.size());
    for (const FoundFile& one : found_) {
      const bool isSettled =
          std::max(one.stamp.modified, one.stamp.changed) < settled && one.fault.rule.empty();
      files_.push_back({shown(one.relativePath), isSettled ? one.stamp.text() : unsettled(one.stamp),
                        one.fault.rule.empty() ? one.stamp.size : 0});
    }
  }

  [[nodiscard]] const std::string& revision() const override { return revision_; }
  [[nodiscard]] const std::vector<SourceFile>& files() const override { return files_; }

  [[nodiscard]] tl::expected<std::string, SourceError> contentOf(const SourceFile& file) override {
    const FoundFile& found = found_.at(static_cast<std::size_t>(&file - files_.data()));
    if (!found.fault.rule.empty()) return tl::unexpected(found.fault);
    const FileDescriptor opened = openForReading(pinned_.folder.get(), found.relativePath);
    if (!opened.valid()) return tl::unexpected(openingError(file.path, errno));
    return readOpenFile(opened.get(), file.path, found.stamp.size, &found.stamp);
  }

  [[nodiscard]] tl::expected<void, SourceError> verify() override {
    if (!stillNamed(root_, pinned_)) return tl::unexpected(tornRoot(root_));
    auto again = walkFolder(pinned_.folder.get(), root_, pinned_.confinement);
    if (!again) return tl::unexpected(std::move(again.error()));
    if (*again != found_) {
      return tl::unexpected(SourceError{Kind::kTorn, root_ + ": its files changed while they were read"});
    }
    return {};
  }

 private:
  [[nodiscard]] std::string shown(const std::string& relativePath) const {
    if (root_ == ".") return relativePath;
    return root_.ends_with('/') ? root_ + relativePath : root_ + '/' + relativePath;
  }

  const std::string revision_;
  std::string root_;
  PinnedFolder pinned_;
  std::vector<FoundFile> found_;
  std::vector<SourceFile> files_;  ///< one for each of found_
};

/// One file that was named itself.
class FileSnapshot final : public Snapshot {
 public:
  FileSnapshot(FileDescriptor file, const std::string& path, const FileStamp& stamp)
      : file_(std::move(file)), stamp_(stamp), files_({{path, unsettled(stamp), stamp.size}}) {
    if (std::max(stamp.modified, stamp.changed) < now() - kSettledAfter) files_[0].identity = stamp.text();
  }

  [[nodiscard]] const std::string& revision() const override { return revision_; }
  [[nodiscard]] const std::vector<SourceFile>& files() const override { return files_; }
  [[nodiscard]] tl::expected<std::string, SourceError> contentOf(const SourceFile& file) override {
    if (::lseek(file_.get(), 0, SEEK_SET) != 0) return tl::unexpected(openingError(file.path, errno));
    return readOpenFile(file_.get(), file.path, stamp_.size, &stamp_);
  }
  [[nodiscard]] tl::expected<void, SourceError> verify() override {
    struct stat named {};
    if (::stat(files_[0].path.c_str(), &named) == 0 && FileStamp::of(named) == stamp_) return {};
    return tl::unexpected(tornRoot(files_[0].path));
  }

 private:
  const std::string revision_;
  FileDescriptor file_;
  FileStamp stamp_;
  std::vector<SourceFile> files_;
};

tl::expected<std::unique_ptr<Snapshot>, SourceError> openFile(const std::string& path) {
  FileDescriptor file = openForReading(AT_FDCWD, path);
  if (!file.valid()) return tl::unexpected(openingRootError(path, errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return tl::unexpected(SourceError{Kind::kUnreadable,
                                      path + ": is neither a folder nor a file; for standard input write -"});
  }
  return std::make_unique<FileSnapshot>(std::move(file), path, FileStamp::of(status));
}

}  // namespace

FolderSource::FolderSource(std::string root) : root_(std::move(root)) {
  while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
}

tl::expected<std::unique_ptr<Snapshot>, SourceError> FolderSource::open() {
  struct stat status {};
  if (::stat(root_.c_str(), &status) != 0) return tl::unexpected(openingRootError(root_, errno));
  if (!S_ISDIR(status.st_mode)) return openFile(root_);
  auto pinned = pin(root_);
  if (!pinned) return tl::unexpected(std::move(pinned.error()));
  auto found = walkFolder(pinned->folder.get(), root_, pinned->confinement);
  if (!found) return tl::unexpected(std::move(found.error()));
  if (found->empty()) {
    return tl::unexpected(SourceError{
        Kind::kEmpty,
        root_ +
            ": holds no *.json file: is it the right folder? It is not read as \"no clients are declared\""});
  }
  return std::make_unique<FolderSnapshot>(root_, std::move(*pinned), std::move(*found));
}

std::string FolderSource::description() const { return "folder " + root_; }

}  // namespace hydra_clients::manifest

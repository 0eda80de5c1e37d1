#include "manifest/sources/folder_source.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <ctime>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "manifest/sources/file_listing.h"
#include "manifest/sources/folder_walk.h"
#include "manifest/sources/whole_file.h"

namespace hydra_clients::manifest {

struct FolderSource::Verified {
  std::shared_ptr<const FileListing> listing;
};

namespace {

using Kind = SourceError::Kind;

constexpr const char* kConfigMapLink =
    "..data";  // what the kubelet swaps to change all files of a mount at once

/// A file that was written within the last moments may be written again without its times showing it: their
/// clock ticks every few milliseconds, on some file systems every second or two.
constexpr std::int64_t kSettledAfter = 2'000'000'000;  // nanoseconds

/// To be asked before a file's times are.
std::int64_t settledBefore() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec - kSettledAfter;
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

SourceError emptyRootError(const std::string& root, const Skipped& yaml) {
  std::string message = root + ": holds no *.json file";
  if (yaml.count > 0) {
    message += ", and YAML is not read (" + yaml.first + (yaml.count > 1 ? ", …" : "") +
               "): write it as JSON, with yq -o json for example.";
  } else {
    message += ": is it the right folder?";
  }
  return {Kind::kEmpty, message + " It is not read as \"no clients are declared\""};
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
  if (!pinned.folder.valid()) {
    const bool gone = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    return tl::unexpected(gone ? tornRoot(root) : openingRootError(root, errno));
  }
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
  /// `agreed`: the listing is the one that was verified last, and settled.
  FolderSnapshot(std::string root, PinnedFolder pinned, std::shared_ptr<const FileListing> listing,
                 SkippedFiles skipped, bool agreed, std::shared_ptr<FolderSource::Verified> verified)
      : root_(std::move(root)),
        pinned_(std::move(pinned)),
        listing_(std::move(listing)),
        skipped_(std::move(skipped)),
        agreed_(agreed),
        verified_(std::move(verified)) {}

  [[nodiscard]] const Revision& revision() const override { return revision_; }
  [[nodiscard]] const std::vector<SourceFile>& files() const override { return listing_->files(); }
  [[nodiscard]] SkippedFiles skipped() const override { return skipped_; }

  [[nodiscard]] tl::expected<std::string, SourceError> contentOf(const SourceFile& file,
                                                                 std::uint64_t limit) override {
    anyRead_ = true;
    const auto index = static_cast<std::size_t>(&file - files().data());
    if (const SourceError* const fault = listing_->fault(index)) return tl::unexpected(*fault);
    const FileDescriptor opened = openForReading(pinned_.folder.get(), listing_->relativePath(index));
    if (!opened.valid()) return tl::unexpected(openingError(file.path, errno));
    return readOpenFile(opened.get(), file.path, limit, &file.identity);
  }

  [[nodiscard]] tl::expected<void, SourceError> verify() override {
    if (!stillNamed(root_, pinned_)) return tl::unexpected(tornRoot(root_));
    if (agreed_ && !anyRead_) return {};  // two passes agreed already
    const auto again = walkFolder(pinned_.folder.get(), root_, pinned_.confinement);
    if (!again) return tl::unexpected(again.error());
    if (!listing_->agreesWith(again->files)) {
      return tl::unexpected(SourceError{Kind::kTorn, root_ + ": its files changed while they were read"});
    }
    verified_->listing = listing_;
    return {};
  }

 private:
  const Revision revision_;
  std::string root_;
  PinnedFolder pinned_;
  std::shared_ptr<const FileListing> listing_;
  SkippedFiles skipped_;
  const bool agreed_;
  std::shared_ptr<FolderSource::Verified> verified_;
  std::atomic<bool> anyRead_ = false;
};

/// One file that was named itself.
class FileSnapshot final : public Snapshot {
 public:
  FileSnapshot(FileDescriptor file, const std::string& path, const FileStamp& stamp, bool settled)
      : file_(std::move(file)), files_({{path, stamp.identity(), settled}}) {}

  [[nodiscard]] const Revision& revision() const override { return revision_; }
  [[nodiscard]] const std::vector<SourceFile>& files() const override { return files_; }
  [[nodiscard]] tl::expected<std::string, SourceError> contentOf(const SourceFile& file,
                                                                 std::uint64_t limit) override {
    if (::lseek(file_.get(), 0, SEEK_SET) != 0) return tl::unexpected(openingError(file.path, errno));
    return readOpenFile(file_.get(), file.path, limit, &file.identity);
  }
  [[nodiscard]] tl::expected<void, SourceError> verify() override {
    struct stat named {};
    const SourceFile& file = files_[0];
    const bool stands =
        ::stat(file.path.text().c_str(), &named) == 0 && FileStamp::of(named).identity() == file.identity;
    if (!stands) return tl::unexpected(tornRoot(file.path));
    return {};
  }

 private:
  const Revision revision_;
  FileDescriptor file_;
  std::vector<SourceFile> files_;
};

tl::expected<std::unique_ptr<Snapshot>, SourceError> openFile(const std::string& path) {
  const std::int64_t settled = settledBefore();
  FileDescriptor file = openForReading(AT_FDCWD, path.c_str());
  if (!file.valid()) return tl::unexpected(openingRootError(path, errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return tl::unexpected(SourceError{Kind::kUnreadable,
                                      path + ": is neither a folder nor a file; for standard input write -"});
  }
  const FileStamp stamp = FileStamp::of(status);
  return std::make_unique<FileSnapshot>(std::move(file), path, stamp, stamp.lastChange() < settled);
}

}  // namespace

FolderSource::FolderSource(std::string root)
    : root_(std::move(root)), verified_(std::make_shared<Verified>()) {
  while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
}

tl::expected<std::unique_ptr<Snapshot>, SourceError> FolderSource::open() {
  struct stat status {};
  if (::stat(root_.c_str(), &status) != 0) return tl::unexpected(openingRootError(root_, errno));
  return S_ISDIR(status.st_mode) ? openFolder(nullptr) : openFile(root_);
}

tl::expected<std::unique_ptr<Snapshot>, SourceError> FolderSource::openPublished(
    const Publication& publication) {
  return openFolder(&publication);
}

tl::expected<std::unique_ptr<Snapshot>, SourceError> FolderSource::openFolder(
    const Publication* publication) {
  auto pinned = pin(root_);
  if (!pinned) return tl::unexpected(std::move(pinned.error()));
  if (publication != nullptr && !isInside(pinned->confinement, publication->folder))
    return tl::unexpected(tornRoot(root_));
  const std::int64_t settled = settledBefore();
  auto found = walkFolder(pinned->folder.get(), root_, pinned->confinement);
  if (!found) return tl::unexpected(std::move(found.error()));
  const bool atRest = found->lastChange < settled;
  if (publication != nullptr && found->lastChange > publication->since && !atRest) {
    return tl::unexpected(
        SourceError{Kind::kTorn, root_ + ": is being changed although a link leads to it already"});
  }
  if (found->files.empty()) {
    // What was emptied because another took its place is no empty folder.
    if (!stillNamed(root_, *pinned)) return tl::unexpected(tornRoot(root_));
    return tl::unexpected(emptyRootError(root_, found->skipped.yaml));
  }
  SkippedFiles skipped = std::move(found->skipped);
  if (skipped.yaml.count > 0) skipped.yaml.first.insert(0, prefix());
  auto listing = verified_->listing;
  const bool agreed = listing && listing->allSettled() && listing->agreesWith(found->files);
  if (!agreed) {
    listing = std::make_shared<const FileListing>(prefix(), std::move(found->files), settled, listing.get());
  }
  return std::make_unique<FolderSnapshot>(root_, std::move(*pinned), std::move(listing), std::move(skipped),
                                          agreed, verified_);
}

std::string FolderSource::prefix() const {
  if (root_ == ".") return "";
  return root_.ends_with('/') ? root_ : root_ + '/';
}

std::string FolderSource::description() const { return "folder " + root_; }

}  // namespace hydra_clients::manifest

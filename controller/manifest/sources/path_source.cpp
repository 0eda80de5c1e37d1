#include "manifest/sources/path_source.h"

#include <filesystem>
#include <limits>
#include <utility>

#include <sys/stat.h>

#include "manifest/sources/folder_walk.h"
#include "manifest/sources/git/git_place.h"
#include "manifest/sources/snapshot_over.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using Kind = SourceError::Kind;

/// Of a folder to which no link leads: nothing tells a change of it from its making.
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// Whether a path leads to this worktree, now.
bool leadsTo(const std::string& path, const std::string& root) {
  const auto place = findGitPlace(path);
  return place && *place && (*place)->root == root;
}

/// When the link was made through which a path leads into a folder (a real path); nullopt where it leads
/// there without one.
std::optional<std::int64_t> linkedSince(const std::string& path, const std::string& folder) {
  fs::path way;
  for (const fs::path& step : fs::absolute(path)) {
    way /= step;
    struct stat status {};
    if (::lstat(way.c_str(), &status) != 0) return std::nullopt;
    std::error_code error;
    if (!isInside(fs::canonical(way, error).string(), folder)) continue;
    if (!S_ISLNK(status.st_mode)) return std::nullopt;
    return FileStamp::of(status).lastChange();
  }
  return std::nullopt;
}

/// Files that lie in a repository of which no commit has them.
class UncommittedSnapshot final : public SnapshotOver {
 public:
  UncommittedSnapshot(std::unique_ptr<Snapshot> files, std::string notice)
      : SnapshotOver(std::move(files)), notice_(std::move(notice)) {}

  [[nodiscard]] std::vector<std::string> notices() const override { return {notice_}; }

 private:
  const std::string notice_;
};

/// The files of a worktree that is one commit's, by its folder's name.
class WorktreeSnapshot final : public SnapshotOver {
 public:
  WorktreeSnapshot(std::unique_ptr<Snapshot> files, std::string path, std::string root)
      : SnapshotOver(std::move(files)), path_(std::move(path)), root_(std::move(root)) {
    const std::string name = fs::path(root_).filename().string();
    if (isCommitId(name)) revision_.id = name;
  }

  [[nodiscard]] const Revision& revision() const override { return revision_; }
  [[nodiscard]] tl::expected<void, SourceError> verify() override {
    if (leadsTo(path_, root_)) return SnapshotOver::verify();
    return tl::unexpected(SourceError{Kind::kTorn, path_ + ": leads to another commit than before"});
  }

 private:
  const std::string path_;
  const std::string root_;
  Revision revision_;
};

}  // namespace

std::string PathSourceOptions::folder() const {
  return git.inside.empty() ? path : (std::filesystem::path(path) / git.inside).string();
}

PathSource::PathSource(PathSourceOptions options)
    : options_(std::move(options)),
      files_(options_.folder()),
      git_(options_.git),
      description_(files_.description()) {}

tl::expected<std::unique_ptr<Snapshot>, SourceError> PathSource::open() {
  if (options_.workingTree) return openFiles();
  auto place = findGitPlace(options_.path);
  if (!place) return tl::unexpected(std::move(place.error()));
  if (*place && (*place)->missing.empty()) {
    auto snapshot = openCommit(**place);
    if (!snapshot || *snapshot) return snapshot;
    return openUncommitted(**place);
  }
  if (auto error = needsCommit(*place)) return tl::unexpected(std::move(*error));
  return *place ? openWorktree(**place) : openFiles();
}

std::string PathSource::repository() const {
  if (seen_ != Seen::kCommit) return {};
  // As the user names it: git-sync's link leads on where its worktrees come and go.
  std::error_code error;
  const fs::path path = fs::absolute(options_.path, error).lexically_normal();
  return fs::is_directory(path, error) ? path.string() : path.parent_path().string();
}

tl::expected<std::unique_ptr<Snapshot>, SourceError> PathSource::openCommit(const GitPlace& place) {
  auto snapshot = git_.open(place);
  if (snapshot) {
    if (!*snapshot) return snapshot;
    description_ = "git repository " + place.root + ", " + options_.git.ref;
    seen_ = Seen::kCommit;
    return snapshot;
  }
  // What went wrong in a worktree that is no longer the one is not worth a word: git-sync has replaced it.
  if (!leadsTo(options_.path, place.root)) snapshot.error().kind = Kind::kTorn;
  return snapshot;
}

PathSource::Seen PathSource::withoutRepository(const GitPlace& place) {
  return place.missing == fs::path(place.root) / ".git" ? Seen::kNamedTree : Seen::kWorktree;
}

std::optional<SourceError> PathSource::needsCommit(const std::optional<GitPlace>& place) const {
  const std::string repository = place ? options_.path + ": its repository, " + place->missing +
                                             ", is not there (mount all of git-sync's root, "
                                             "not its worktree alone)"
                                       : options_.path + ": is in no Git repository that holds it";
  if (options_.git.check) {
    return SourceError{Kind::kUnproven, repository +
                                            ", so no commit's signature can be checked, and "
                                            "--require-signed-commits lets nothing else be read"};
  }
  if (options_.git.ref != "HEAD")
    return SourceError{Kind::kAbsent, repository + ", and --ref names a commit"};
  if (seen_ > (place ? withoutRepository(*place) : Seen::kFiles)) {
    // A repository that is being made anew in its place leaves half a work tree behind for a moment.
    return SourceError{Kind::kTorn,
                       repository +
                           " any more; what was read from it stays in force. Should it be a plain "
                           "folder from now on: start again with --working-tree"};
  }
  return std::nullopt;
}

tl::expected<std::unique_ptr<Snapshot>, SourceError> PathSource::openFiles() {
  description_ = files_.description();
  return files_.open();
}

tl::expected<std::unique_ptr<Snapshot>, SourceError> PathSource::openUncommitted(const GitPlace& place) {
  if (auto error = needsCommit(std::nullopt)) return tl::unexpected(std::move(*error));
  auto snapshot = openFiles();
  if (!snapshot) return snapshot;
  return std::make_unique<UncommittedSnapshot>(
      std::move(*snapshot), options_.folder() + ": the commit of its repository, " + place.root +
                                ", has nothing there, so the files are read as they are until one has; "
                                "--working-tree says that this is meant");
}

tl::expected<std::unique_ptr<Snapshot>, SourceError> PathSource::openWorktree(const GitPlace& place) {
  description_ = files_.description();
  const auto since = linkedSince(options_.path, place.root);
  auto snapshot = files_.openPublished({place.root, since.value_or(kNever)});
  if (!snapshot) return snapshot;
  seen_ = withoutRepository(place);
  return std::make_unique<WorktreeSnapshot>(std::move(*snapshot), options_.path, place.root);
}

}  // namespace hydra_clients::manifest

#include "manifest/sources/path_source.h"

#include <filesystem>
#include <utility>

#include "manifest/sources/git/git_place.h"

namespace hydra_clients::manifest {
namespace {

using Kind = SourceError::Kind;

std::string below(const std::string& path, const std::string& inside) {
  return inside.empty() ? path : (std::filesystem::path(path) / inside).string();
}

/// The files of a worktree that is one commit's, by its folder's name.
class WorktreeSnapshot final : public Snapshot {
 public:
  WorktreeSnapshot(std::unique_ptr<Snapshot> files, std::string path, std::string root)
      : files_(std::move(files)), path_(std::move(path)), root_(std::move(root)) {
    const std::string name = std::filesystem::path(root_).filename().string();
    if (isCommitId(name)) revision_.id = name;
  }

  [[nodiscard]] const Revision& revision() const override { return revision_; }
  [[nodiscard]] const std::vector<SourceFile>& files() const override { return files_->files(); }
  [[nodiscard]] SkippedFiles skipped() const override { return files_->skipped(); }
  [[nodiscard]] tl::expected<std::string, SourceError> contentOf(const SourceFile& file,
                                                                 std::uint64_t limit) override {
    return files_->contentOf(file, limit);
  }
  [[nodiscard]] tl::expected<void, SourceError> verify() override {
    const auto place = findGitPlace(path_);
    if (place && *place && (*place)->root == root_) return files_->verify();
    return tl::unexpected(SourceError{Kind::kTorn, path_ + ": leads to another commit than before"});
  }

 private:
  const std::unique_ptr<Snapshot> files_;
  const std::string path_;
  const std::string root_;
  Revision revision_;
};

}  // namespace

PathSource::PathSource(PathSourceOptions options)
    : options_(std::move(options)),
      files_(below(options_.path, options_.git.inside)),
      git_(options_.git),
      description_(files_.description()) {}

tl::expected<std::unique_ptr<Snapshot>, SourceError> PathSource::open() {
  std::optional<GitPlace> place;
  if (!options_.workingTree) {
    auto found = findGitPlace(options_.path);
    if (!found) return tl::unexpected(std::move(found.error()));
    place = std::move(*found);
  }
  if (place && place->missing.empty()) {
    auto snapshot = openCommit(*place);
    if (!snapshot || *snapshot) return snapshot;
    place.reset();  // a plain folder to Git
  }
  if (auto error = needsCommit(place)) return tl::unexpected(std::move(*error));
  return openFiles(place);
}

tl::expected<std::unique_ptr<Snapshot>, SourceError> PathSource::openCommit(const GitPlace& place) {
  auto snapshot = git_.open(place);
  if (snapshot) {
    if (*snapshot) description_ = "git repository " + place.root + ", " + options_.git.ref;
    return snapshot;
  }
  // What went wrong in a worktree that is no longer the one is not worth a word: git-sync has replaced it.
  const auto now = findGitPlace(options_.path);
  const bool replaced = !now || !*now || (*now)->root != place.root || !(*now)->missing.empty();
  if (replaced) snapshot.error().kind = Kind::kTorn;
  return snapshot;
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
  if (options_.git.ref == "HEAD") return std::nullopt;
  return SourceError{Kind::kAbsent, repository + ", and --ref names a commit"};
}

tl::expected<std::unique_ptr<Snapshot>, SourceError> PathSource::openFiles(
    const std::optional<GitPlace>& worktree) {
  description_ = files_.description();
  auto snapshot = files_.open();
  if (!snapshot || !worktree) return snapshot;
  return std::make_unique<WorktreeSnapshot>(std::move(*snapshot), options_.path, worktree->root);
}

}  // namespace hydra_clients::manifest

#include "manifest/sources/git/change_base.h"

#include <filesystem>
#include <utility>

#include "manifest/sources/folder_source.h"
#include "manifest/sources/git/git_place.h"
#include "manifest/sources/git/git_repository.h"
#include "manifest/sources/git/git_source.h"

namespace hydra_clients::manifest {
namespace {

using Kind = SourceError::Kind;

/// The manifests of one commit.
class CommitSource final : public ManifestSource {
 public:
  CommitSource(GitPlace place, GitSourceOptions options)
      : place_(std::move(place)), ref_(options.ref), git_(std::move(options)) {}
  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> open() override {
    return git_.open(place_);
  }
  [[nodiscard]] std::string description() const override {
    return "git repository " + place_.root + ", " + ref_;
  }

 private:
  const GitPlace place_;
  const std::string ref_;
  GitSource git_;
};

tl::expected<GitPlace, SourceError> placeOf(const std::string& path) {
  auto place = findGitPlace(path);
  if (!place) return tl::unexpected(std::move(place.error()));
  if (!*place) {
    return tl::unexpected(
        SourceError{Kind::kAbsent, path + ": is in no Git repository, and --against names a commit of one"});
  }
  if (!(*place)->missing.empty()) {
    return tl::unexpected(
        SourceError{Kind::kAbsent, path + ": its repository, " + (*place)->missing +
                                       ", is not there, and --against names a commit of it"});
  }
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) {
    return tl::unexpected(SourceError{
        Kind::kUnreadable, path + ": is a file, and --against compares folders: name the folder it is in"});
  }
  return std::move(**place);
}

tl::expected<GitCommit, SourceError> changedCommit(const GitRepository& repository,
                                                   const std::string& revision) {
  git_oid id{};
  const bool known = isCommitId(revision) && git_oid_fromstr(&id, revision.c_str()) == 0;
  return known ? repository.commitOf(id) : repository.commitOf("HEAD");
}

Revision revisionOf(const GitCommit& commit) { return {hexOf(commit.id), commit.time}; }

GitSourceOptions optionsOf(const PathSourceOptions& changed, const Revision& base) {
  GitSourceOptions options;
  options.ref = base.id;
  options.inside = changed.git.inside;
  options.folderMayBeGone = true;
  if (changed.workingTree) {
    const std::filesystem::path files(changed.folder());
    std::error_code error;
    const bool isFile = std::filesystem::is_regular_file(files, error);
    options.prefix = isFile ? (files.parent_path() / "").string() : FolderSource(files.string()).prefix();
  }
  return options;
}

}  // namespace

tl::expected<ChangeBase, SourceError> findChangeBase(const PathSourceOptions& changed,
                                                     const std::string& against,
                                                     const std::string& revision) {
  auto place = placeOf(changed.path);
  if (!place) return tl::unexpected(std::move(place.error()));
  const auto repository = GitRepository::open(place->root, place->root);
  if (!repository) return tl::unexpected(repository.error());
  const auto tip = repository->commitOf(against);
  if (!tip) return tl::unexpected(tip.error());
  const auto change = changedCommit(*repository, revision);
  if (!change) return tl::unexpected(change.error());

  ChangeBase found;
  Comparison& comparison = found.comparison;
  comparison.changed = changed.workingTree ? "the working tree" : changed.git.ref;
  comparison.against = against;
  comparison.tip = revisionOf(*tip);
  comparison.base = comparison.tip;
  if (auto parted = repository->mergeBase(tip->id, change->id); !parted) {
    comparison.note = std::move(parted.error());
  } else if (git_oid_equal(&*parted, &tip->id) == 0) {
    const auto base = repository->commitOf(*parted);
    if (!base) return tl::unexpected(base.error());
    comparison.base = revisionOf(*base);
  }
  GitSourceOptions options = optionsOf(changed, comparison.base);
  found.manifests = std::make_unique<CommitSource>(std::move(*place), std::move(options));
  return found;
}

}  // namespace hydra_clients::manifest

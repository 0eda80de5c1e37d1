#include "manifest/sources/watched_paths.h"

#include <filesystem>
#include <utility>

#include "manifest/sources/git/git_place.h"
#include "manifest/sources/git/git_repository.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;

/// The files that hold what a ref names, whichever of its long forms is meant; those that a ref is packed in
/// too.
std::vector<std::string> filesOfRef(const fs::path& common, const std::string& ref) {
  std::vector<std::string> files{(common / "packed-refs").string()};
  for (const char* const prefix :
       {"", "refs", "refs/heads", "refs/tags", "refs/remotes", "refs/remotes/origin"}) {
    files.push_back((common / prefix / ref).lexically_normal().string());
  }
  return files;
}

/// The branch that HEAD is on, as "refs/heads/main"; nullopt where it is detached.
std::optional<std::string> branchOf(git_repository* repository) {
  git_reference* found = nullptr;
  if (git_reference_lookup(&found, repository, "HEAD") != 0) return std::nullopt;
  const ReferenceHandle head(found);
  if (git_reference_type(head.get()) != GIT_REFERENCE_SYMBOLIC) return std::nullopt;
  return git_reference_symbolic_target(head.get());
}

/// Whether files are read although they lie in a repository: no commit has them, or not yet.
bool arePlain(const PathSourceOptions& options, const GitPlace& place, const GitRepository& repository) {
  if (place.bare || options.git.ref != "HEAD" || options.git.check) return false;
  const auto head = repository.commitOf("HEAD");
  if (!head) return true;
  const auto entry = repository.entryAt(*head, place.inTree(options.git.inside));
  return !entry || !*entry;
}

/// What shows that HEAD, or the ref, names another commit.
WatchedPaths watchedRefs(const PathSourceOptions& options, const GitPlace& place,
                         const GitRepository& repository) {
  const fs::path own(git_repository_path(repository.handle()));
  const fs::path common(git_repository_commondir(repository.handle()));
  WatchedPaths watched{{options.path, (own / "HEAD").string()}, std::nullopt};
  if (!place.bare) watched.names.push_back((fs::path(place.root) / ".git").string());
  const auto add = [&](const std::string& ref) {
    for (std::string& file : filesOfRef(common, ref)) watched.names.push_back(std::move(file));
  };
  if (options.git.ref != "HEAD") add(options.git.ref);
  if (const auto branch = branchOf(repository.handle())) add(*branch);
  return watched;
}

}  // namespace

WatchedPaths watchedPaths(const PathSourceOptions& options) {
  const std::string files = options.folder();
  if (options.workingTree) return {{files}, files};
  const auto place = findGitPlace(options.path);
  if (!place || !*place || !(*place)->missing.empty()) return {{files}, files};
  const auto repository = GitRepository::open((*place)->root, (*place)->root);
  if (!repository) return {{files}, files};
  WatchedPaths watched = watchedRefs(options, **place, *repository);
  if (arePlain(options, **place, *repository)) {
    watched.names.push_back(files);
    watched.tree = files;
  }
  return watched;
}

}  // namespace hydra_clients::manifest

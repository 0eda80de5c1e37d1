#pragma once

#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "manifest/source.h"
#include "manifest/sources/folder_source.h"
#include "manifest/sources/git/git_source.h"

namespace hydra_clients::manifest {

struct PathSourceOptions {
  std::string path;          ///< a checkout or a folder inside one, a bare repository, a folder, a file
  bool workingTree = false;  ///< the files as they are, whatever Git says
  GitSourceOptions git = {};

  /// Where the files are, for those who read files.
  [[nodiscard]] std::string folder() const;
};

/// Whatever stands at a path, decided anew at each opening: a Git commit where the path lies in a repository
/// that has it (design §5), else a folder of files. Where a work tree's repository cannot be seen, as beside
/// git-sync with only the worktree mounted, its files are read through one folder, the link is looked at
/// again after, and the revision is the folder's name. What was read as a commit, or as a worktree, is never
/// read as something less later. Used by one thread.
class PathSource final : public ManifestSource {
 public:
  explicit PathSource(PathSourceOptions options);
  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> open() override;
  [[nodiscard]] std::string description() const override { return description_; }
  [[nodiscard]] std::string repository() const override;

 private:
  /// What was found at the path, each worth more than the one before.
  enum class Seen : std::uint8_t { kFiles, kNamedTree, kWorktree, kCommit };
  [[nodiscard]] static Seen withoutRepository(const GitPlace& place);

  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> openCommit(const GitPlace& place);
  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> openFiles();
  /// The files, with a word about it: they lie in a repository, and no commit has them.
  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> openUncommitted(const GitPlace& place);
  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> openWorktree(const GitPlace& place);
  /// Why files may not be read: what was asked for, or was read before, needs a commit.
  [[nodiscard]] std::optional<SourceError> needsCommit(const std::optional<GitPlace>& place) const;

  const PathSourceOptions options_;
  FolderSource files_;
  GitSource git_;
  std::string description_;
  Seen seen_ = Seen::kFiles;
};

}  // namespace hydra_clients::manifest

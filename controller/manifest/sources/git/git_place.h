#pragma once

#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "manifest/source.h"

namespace hydra_clients::manifest {

/// Where a path lies in a Git repository, as it is seen from here: links on the way are resolved, once.
struct GitPlace {
  std::string root;    ///< the folder that holds `.git`, or the bare repository: a real path
  std::string inside;  ///< the path below the root of the tree, without slashes at its ends; "" for all of it
  bool bare = false;
  /// The work tree's `.git` names a folder that is not here, as where only git-sync's worktree is mounted; or
  /// a tree that is named as git-sync's are has no `.git` itself, nor has the root: there are files, and no
  /// objects.
  std::string missing = {};

  /// Where a folder below the place stands in the tree; "" as an argument for the place itself.
  [[nodiscard]] std::string inTree(const std::string& below) const {
    return inside.empty() || below.empty() ? inside + below : inside + '/' + below;
  }
};

/// The repository that a path lies in, sought upwards as git does, within one file system; nullopt where
/// there is none. The path itself need not exist: a commit may hold what the work tree does not. kUnreadable
/// where what is on the way may not be read; kTorn where a repository, or a worktree of git-sync's, is being
/// made or removed: its files are nobody's to read.
[[nodiscard]] tl::expected<std::optional<GitPlace>, SourceError> findGitPlace(const std::string& path);

/// The folders in which a repository keeps what is its own. Whether they exist is not looked at.
struct GitFolders {
  std::string own;     ///< of the work tree: its HEAD
  std::string common;  ///< what a linked worktree shares with its repository: the objects; else the same
};
/// `root` as of GitPlace.
[[nodiscard]] GitFolders gitFoldersOf(const std::string& root);

}  // namespace hydra_clients::manifest

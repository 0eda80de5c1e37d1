#pragma once

// A Git repository as a source reads it: references, commits, trees and blobs by libgit2. Nothing is run,
// nothing is written, and what the work tree holds does not matter here.

#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "manifest/source.h"
#include "manifest/sources/folder_walk.h"
#include "manifest/sources/git/git_library.h"

namespace hydra_clients::manifest {

struct GitCommit {
  git_oid id{};
  git_oid tree{};
  std::int64_t time = 0;  ///< the committer's, seconds since 1970
};

/// What a tree names.
struct GitEntry {
  git_oid id{};
  git_filemode_t mode = GIT_FILEMODE_UNREADABLE;
};

/// A commit's signature and the bytes that it signs.
struct CommitSignature {
  std::string content;
  std::string signature;  ///< armored; "" where the commit is not signed
};

/// One repository, open. Used by one thread, but for blob(), which several may call at once. References are
/// read anew each time; objects that come later are found. Messages name the repository as `shown`.
class GitRepository {
 public:
  /// `folder`: the root of a work tree, or a bare repository. kUnreadable with the remedy where it cannot be
  /// read; kTorn where it is gone.
  [[nodiscard]] static tl::expected<GitRepository, SourceError> open(const std::string& folder,
                                                                     const std::string& shown);

  /// What a ref, a tag or an abbreviated id names, as `git rev-parse REF^{commit}` does; a branch that only
  /// the remote `origin` has is found too. kAbsent where there is no such ref, or no commit yet.
  [[nodiscard]] tl::expected<GitCommit, SourceError> commitOf(const std::string& ref) const;
  [[nodiscard]] tl::expected<GitCommit, SourceError> commitOf(const git_oid& id) const;

  /// What stands at a path below the commit's root ("" for the root itself), links on it not followed;
  /// nullopt where nothing does.
  [[nodiscard]] tl::expected<std::optional<GitEntry>, SourceError> entryAt(const GitCommit& commit,
                                                                           const std::string& path) const;
  [[nodiscard]] tl::expected<TreeHandle, SourceError> tree(const git_oid& id) const;

  /// A blob's content. "file-size" where it has more than `limit` bytes, which is known before it is read.
  [[nodiscard]] tl::expected<std::string, SourceError> blob(const git_oid& id, std::uint64_t limit) const;

  /// Whether its packs are those that were there when it was opened. libgit2 never lets go of one: not of its
  /// descriptor, nor of the room on disk of one that git has replaced.
  [[nodiscard]] bool hasItsPacks() const;

  [[nodiscard]] tl::expected<CommitSignature, SourceError> signatureOf(const GitCommit& commit) const;

  /// Whether `ancestor` is one; nullopt where the history between the two is not there (a shallow clone).
  [[nodiscard]] std::optional<bool> isAncestor(const git_oid& ancestor, const git_oid& of) const;

  /// Where two histories parted, as `git merge-base` says; why that is not known, in words.
  [[nodiscard]] tl::expected<git_oid, std::string> mergeBase(const git_oid& one, const git_oid& other) const;

  /// How many `*.json` files below `path` ("" for all) differ from HEAD, are new, or are gone from the work
  /// tree; hidden and ignored ones, and what a sparse checkout leaves out, do not count. nullopt where that
  /// cannot be known (a bare repository, an index that libgit2 cannot read). Costs a look at every file.
  [[nodiscard]] std::optional<std::size_t> uncommitted(const std::string& path) const;

  [[nodiscard]] git_repository* handle() const { return handle_.get(); }
  [[nodiscard]] const std::string& shown() const { return shown_; }

 private:
  GitRepository(RepositoryHandle handle, OdbHandle objects, std::string folder, std::string shown);
  [[nodiscard]] tl::unexpected<SourceError> failed(int error, const std::string& what) const;
  /// Whether there is a reference of that name, whatever became of the object that it names.
  [[nodiscard]] bool hasRef(const std::string& ref) const;

  RepositoryHandle handle_;
  OdbHandle objects_;  ///< has locks of its own
  std::string folder_;
  std::string shown_;
  FileStamp packs_;  ///< of the folder that they are in, when it was opened
  bool isPartial_;   ///< a clone that fetches some objects only when git wants them
};

}  // namespace hydra_clients::manifest

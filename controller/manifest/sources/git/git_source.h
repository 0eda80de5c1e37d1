#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "manifest/source.h"
#include "manifest/sources/file_listing.h"
#include "manifest/sources/git/git_place.h"
#include "manifest/sources/git/git_repository.h"
#include "manifest/sources/git/git_tree.h"
#include "manifest/sources/git/last_good_commit.h"

namespace hydra_clients::manifest {

/// Why a commit's signature does not count.
struct CommitFault {
  std::string words;       ///< follow "commit ID is refused: "
  bool undecided = false;  ///< no verdict, as where the keyring cannot be read
};

/// Whether a signature holds, and what is worth a word of it all the same ("" mostly): its key ends soon.
/// `signature` is "" for a commit that is not signed.
using CommitCheck = std::function<tl::expected<std::string, CommitFault>(const CommitSignature&)>;

struct GitSourceOptions {
  std::string ref = "HEAD";
  std::string inside = {};       ///< a folder, or one file, below the place, "" for all of it
  CommitCheck check = {};        ///< empty where a commit need not be signed
  std::string stateFolder = {};  ///< where the last commit that was proven is kept; "" for nowhere
  LastGoodCommit::Access state = LastGoodCommit::Access::kKeeps;
  std::string keptFor =
      {};  ///< what it is the last one of, where the ref's name does not tell; "" for the ref
  /// While the newest commit is refused nothing is read, rather than the last good one.
  bool mustBeNewest = false;
  /// A commit that does not have the folder has no manifests, and its name is no mistake.
  bool folderMayBeGone = false;
  /// What stands before a file's path below the folder; where it is not given, the folder's path in the tree.
  std::optional<std::string> prefix = {};
};

/// The commits of a Git repository as snapshots: one commit's tree, whole, whatever happens to the work tree.
/// Used by one thread.
class GitSource {
 public:
  explicit GitSource(GitSourceOptions options);

  /// The commit that the ref names now. With a check, the newest one only where it is proven: the last one
  /// that was stays in force, and the snapshot says why it is not the newest. nullptr where the place is a
  /// plain folder to Git, as one that is ignored is: nothing in the commit stands below it, or there is no
  /// commit yet.
  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> open(const GitPlace& place);

  /// Files that are not committed are counted at most so often.
  static constexpr std::chrono::seconds kBetweenCounts{10};

 private:
  class CommitSnapshot;
  struct Current;  ///< what the last snapshot was made of

  [[nodiscard]] tl::expected<std::shared_ptr<GitRepository>, SourceError> repositoryAt(const GitPlace& place);
  /// The commit to read.
  struct Choice {
    GitCommit commit;
    CommitSignature signature = {};           ///< empty where there is no check
    std::string warning = {};                 ///< of its signature
    std::optional<SourceError> refused = {};  ///< why it is not the newest
  };
  [[nodiscard]] tl::expected<Choice, SourceError> prove(const GitRepository& repository,
                                                        const GitCommit& commit) const;
  [[nodiscard]] tl::expected<Choice, SourceError> choose(const GitRepository& repository,
                                                         const GitCommit& newest) const;
  /// The last one that was proven, if it still is; why not, in words that follow why the newest is refused.
  [[nodiscard]] tl::expected<Choice, std::string> earlierThan(const GitRepository& repository,
                                                              const std::optional<GitCommit>& newest) const;
  /// The last good commit, where the newest (nullopt: that cannot be found) is not to be read; `why` not.
  [[nodiscard]] tl::expected<Choice, SourceError> instead(const GitRepository& repository, SourceError why,
                                                          const std::optional<GitCommit>& newest) const;
  [[nodiscard]] StillProven proofOf(const Choice& chosen) const;
  /// What stands before a file's path below a folder of the tree.
  [[nodiscard]] std::string prefixOf(const std::string& folder) const;
  /// What stands at `inside`, a folder or one manifest; nullopt where nothing does.
  [[nodiscard]] tl::expected<std::optional<ListedTree>, SourceError> walk(const GitRepository& repository,
                                                                          const GitCommit& commit,
                                                                          const std::string& inside) const;
  /// What stands in the commit; nullptr where that is nothing and the place may be a plain folder.
  [[nodiscard]] tl::expected<std::shared_ptr<const Current>, SourceError> list(
      const GitRepository& repository, const GitCommit& commit, const std::string& inside,
      bool mayBePlain) const;
  [[nodiscard]] std::vector<std::string> noticesOf(const GitRepository& repository, const GitPlace& place,
                                                   const Choice& chosen,
                                                   const std::optional<GitCommit>& before);
  /// What was in force before: in this process, or before its start.
  [[nodiscard]] std::optional<GitCommit> inForceBefore(const GitRepository& repository) const;
  /// Why a proven commit would not be known after a restart.
  [[nodiscard]] std::optional<std::string> rememberGood(const GitCommit& commit);
  [[nodiscard]] static std::optional<std::string> stepBack(const GitRepository& repository,
                                                           const std::optional<GitCommit>& before,
                                                           const GitCommit& commit);
  /// `isNew`: another commit was in force before.
  void countUncommitted(const GitRepository& repository, const GitPlace& place, bool isNew);

  const GitSourceOptions options_;
  std::string openedAt_;  ///< the root of repository_
  std::shared_ptr<GitRepository> repository_;
  LastGoodCommit lastGood_;
  std::shared_ptr<const Current> current_;  ///< null before the first
  std::optional<std::chrono::steady_clock::time_point> counted_;
  std::optional<std::string> uncommitted_;  ///< what the last count gave, as a notice
};

}  // namespace hydra_clients::manifest

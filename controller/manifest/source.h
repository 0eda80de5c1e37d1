#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "manifest/shared_path.h"

namespace hydra_clients::manifest {

/// Which version of the manifests a snapshot is.
struct Revision {
  std::string id;         ///< Git's commit id; "" where the source has none
  std::int64_t time = 0;  ///< the commit's (its committer's), seconds since 1970; 0 where it is not known
  [[nodiscard]] std::string shortId() const { return id.substr(0, 12); }  ///< for people
  bool operator==(const Revision&) const = default;
};

/// Why a source could not be read. The last good snapshot then stays in force (design §2).
struct SourceError {
  enum class Kind {
    kAbsent,      ///< the path is not there
    kEmpty,       ///< a plain folder without any manifest: never read as "nothing is declared"
    kUnreadable,  ///< permissions, a broken link, an I/O error
    kTorn,        ///< it changed while it was read, every time it was tried
    kLimit,       ///< more manifests than allowed
    kStopped,     ///< whoever asked wants it no more
    kUnproven,    ///< no commit whose signature holds
    kUnfetched,   ///< the remote could not be fetched from
  };
  Kind kind = Kind::kUnreadable;
  std::string message;  ///< names the path, what was expected and what to do
  /// The rule of a fault that is one file's own ("file-unreadable", "link-broken", …): the others go on.
  /// Empty where the whole snapshot is at fault.
  std::string rule = {};
  Revision seen = {};  ///< the newest revision, where it was seen before it came to this
};

/// Device, inode, size and times of a file, or a Git blob id. Equal identities mean equal content, once the
/// file is settled.
struct FileIdentity {
  std::array<std::uint64_t, 5> parts{};
  bool operator==(const FileIdentity&) const = default;
};

/// One file of a snapshot.
struct SourceFile {
  SharedPath path;  ///< as the user would name it in an error; below the repository's root for a commit
  FileIdentity identity;
  /// false: it may have changed without its identity showing it, and is read again each time.
  bool settled = true;
};

/// Entries of one kind that are not read, though somebody may have meant them to be.
struct Skipped {
  std::size_t count = 0;
  std::string first;  ///< by name, as the user would name it; "" where there is none
  void note(const std::string& path) {
    if (count++ == 0 || path < first) first = path;
  }
  bool operator==(const Skipped&) const = default;
};
struct SkippedFiles {
  Skipped yaml;
  Skipped submodules;
  bool operator==(const SkippedFiles&) const = default;
};

/// Whether what proved a revision, its signature, still does; why not, in words. May be asked when the source
/// is gone.
using StillProven = std::function<tl::expected<void, std::string>()>;

/// One consistent reading of a source. Used by one thread, but for contentOf(), which several may call at
/// once.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  [[nodiscard]] virtual const Revision& revision() const = 0;
  /// Sorted by path.
  [[nodiscard]] virtual const std::vector<SourceFile>& files() const = 0;
  [[nodiscard]] virtual SkippedFiles skipped() const { return {}; }
  /// What is worth a word to the user, though it stops nothing: changes that are not committed.
  [[nodiscard]] virtual std::vector<std::string> notices() const { return {}; }
  /// Why this may not be the newest revision: that one's signature does not hold (kUnproven), or it could
  /// not be fetched (kUnfetched).
  [[nodiscard]] virtual std::optional<SourceError> newestRefused() const { return std::nullopt; }
  /// Empty where the revision needed no proof.
  [[nodiscard]] virtual StillProven proof() const { return {}; }
  /// The whole content of one of files(), by reference to it. kTorn where it no longer is what files() said;
  /// an error with a rule where only this file is at fault, "file-size" where it has more than `limit` bytes.
  [[nodiscard]] virtual tl::expected<std::string, SourceError> contentOf(const SourceFile& file,
                                                                         std::uint64_t limit) = 0;
  /// After all reading: whether the snapshot still stands as it was opened. What contentOf() gave is whole
  /// only where this says so.
  [[nodiscard]] virtual tl::expected<void, SourceError> verify() = 0;
};

/// Where manifests come from. Used by one thread.
class ManifestSource {
 public:
  virtual ~ManifestSource() = default;
  [[nodiscard]] virtual tl::expected<std::unique_ptr<Snapshot>, SourceError> open() = 0;
  /// For people: "folder manifests/".
  [[nodiscard]] virtual std::string description() const = 0;
  /// A folder from which git(1) shows a revision's files; "" where they are not read from commits.
  [[nodiscard]] virtual std::string repository() const { return {}; }
};

}  // namespace hydra_clients::manifest

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "manifest/source.h"

namespace hydra_clients::manifest {

/// A folder that was filled before a link was made to lead to it, and is not changed any more.
struct Publication {
  std::string folder;      ///< its real path
  std::int64_t since = 0;  ///< when the link was made: nanoseconds since 1970
};

/// A plain folder tree of `*.json` files, and a ConfigMap mount (a folder with a `..data` link, read through
/// the one folder that it names). Hidden files and folders are skipped; symbolic links are followed inside
/// the root.
///
/// What it promises: every file whole (size, times and inode before and after), and a list of files that two
/// passes agree on: the passes before and after the reading; where nothing is read, this cycle's and the one
/// that was verified last. A plain folder cannot promise more: files of two versions may stand in it side by
/// side.
///
/// A fault of one file, the others go on: a file that may not be read; a folder, pipe, socket or device named
/// *.json; a symbolic link that is broken, leaves the root, or leads to a folder that holds it.
/// A fault of the whole: a folder that may not be listed (nobody knows what is in it), a change meanwhile
/// (kTorn), no *.json file at all (kEmpty), folders nested deeper than 64, more than a million entries
/// (kLimit).
class FolderSource final : public ManifestSource {
 public:
  /// The listing that was verified last.
  struct Verified;

  /// `root`: a folder, or one `*.json` file.
  explicit FolderSource(std::string root);
  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> open() override;
  /// The same of a folder that must lie within one that was published whole: kTorn where the root leads
  /// elsewhere, and while something is being changed in it after all.
  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> openPublished(
      const Publication& publication);
  [[nodiscard]] std::string description() const override;
  /// What stands before the path of each file below the root.
  [[nodiscard]] std::string prefix() const;

 private:
  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> openFolder(
      const Publication* publication);

  std::string root_;
  std::shared_ptr<Verified> verified_;  ///< shared with its snapshots
};

/// Reads one regular file whole, at most `limit` bytes. kTorn where it changed meanwhile. Refuses folders,
/// FIFOs, sockets and devices in words.
[[nodiscard]] tl::expected<std::string, SourceError> readWholeFile(const std::string& path,
                                                                   std::uint64_t limit);

}  // namespace hydra_clients::manifest

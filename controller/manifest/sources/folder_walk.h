#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <tl/expected.hpp>

#include "client/file_descriptor.h"
#include "manifest/source.h"
#include "manifest/sources/file_listing.h"

namespace hydra_clients::manifest {

/// Which file it is, and whether it has changed: device, inode, size, and the times of its content and its
/// inode.
struct FileStamp {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified = 0, changed = 0;  ///< nanoseconds since 1970
  bool operator==(const FileStamp&) const = default;

  [[nodiscard]] static FileStamp of(const struct stat& status);
  [[nodiscard]] FileIdentity identity() const;
  /// When it was changed last, as the file system says it: nanoseconds since 1970.
  [[nodiscard]] std::int64_t lastChange() const;
};

/// Walks over a folder. Hidden entries are skipped. Symbolic links that stay inside
/// `confinement` (a real path) are followed. What one entry has wrong is its own fault; a folder that cannot
/// be listed is the tree's. `shownRoot` names the folder in messages.
[[nodiscard]] tl::expected<FoundTree, SourceError> walkFolder(int root, const std::string& shownRoot,
                                                              const std::string& confinement);

/// The path that a descriptor was opened at, without symbolic links, or "".
[[nodiscard]] std::string realPathOf(int fd);

/// Whether a real path is `root` or below it.
[[nodiscard]] bool isInside(const std::string& path, const std::string& root);

/// "No such file or directory", for a message.
[[nodiscard]] std::string describeErrno(int error);

}  // namespace hydra_clients::manifest

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifest/sources/path_source.h"

namespace hydra_clients::manifest {

/// Where a change of a source shows itself.
struct WatchedPaths {
  /// Each is a name in a folder that is swapped, written or removed, and so is each folder on the way to it.
  /// They need not exist.
  std::vector<std::string> names;
  std::optional<std::string> tree;  ///< a folder, all of it, or one file
};

/// What to watch for a source as it is now: of a Git repository its refs, since what happens to the work tree
/// does not matter until it is committed; of all else the files. Thread-safe.
[[nodiscard]] WatchedPaths watchedPaths(const PathSourceOptions& options);

}  // namespace hydra_clients::manifest

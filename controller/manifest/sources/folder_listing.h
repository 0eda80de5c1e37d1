#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "manifest/source.h"
#include "manifest/sources/folder_walk.h"

namespace hydra_clients::manifest {

/// What one pass over a folder found, as a snapshot shows it: kept from cycle to cycle, so each file costs
/// what its identity and its path do. Immutable.
class FolderListing {
 public:
  /// `found` is sorted by path. `prefix` stands before each path below the root. What has changed after
  /// `settledBefore` (nanoseconds since 1970) is not settled, nor is what is at fault. Paths that `earlier`
  /// has are shared with it.
  FolderListing(std::string prefix, std::vector<FoundFile> found, std::int64_t settledBefore,
                const FolderListing* earlier);

  [[nodiscard]] const std::vector<SourceFile>& files() const { return files_; }
  /// Below the root; stays for as long as the listing.
  [[nodiscard]] const char* relativePath(std::size_t index) const;
  /// Why that file cannot be read; nullptr where nothing is known against it.
  [[nodiscard]] const SourceError* fault(std::size_t index) const;
  [[nodiscard]] bool allSettled() const { return allSettled_; }
  /// Whether another pass found the same.
  [[nodiscard]] bool agreesWith(const std::vector<FoundFile>& found) const;

 private:
  [[nodiscard]] bool agrees(std::size_t index, const FoundFile& found) const;

  const std::string prefix_;
  std::vector<SourceFile> files_;
  std::map<std::size_t, SourceError> faults_;  ///< by index
  bool allSettled_ = true;
};

}  // namespace hydra_clients::manifest

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/source.h"

namespace hydra_clients::manifest {

/// One entry of a tree that is, or should have been, a manifest file.
struct FoundFile {
  std::string relativePath;
  FileIdentity identity;
  std::int64_t lastChange = 0;         ///< nanoseconds since 1970; 0 for what cannot change
  std::unique_ptr<SourceError> fault;  ///< where the entry is at fault: with a rule
};

/// What is below a folder.
struct FoundTree {
  std::vector<FoundFile> files;  ///< every `*.json`, sorted by path
  SkippedFiles skipped;          ///< paths are below the folder
  /// Of a folder: when it, what is in it or a folder below it was changed last, nanoseconds since 1970.
  std::int64_t lastChange = 0;
};

inline constexpr std::size_t kDeepestFolder = 64;
inline constexpr std::size_t kMostEntries = 1'000'000;  ///< of all folders that are walked

/// What a manifest's file is named: `*.json`. Hidden ones are not asked about.
[[nodiscard]] bool isManifestName(std::string_view name);
[[nodiscard]] bool isYamlName(std::string_view name);

/// What one pass over a tree found, as a snapshot shows it: kept from cycle to cycle, so each file costs
/// what its identity and its path do. Immutable.
class FileListing {
 public:
  /// `found` is sorted by path. `prefix` stands before each path below the root. What has changed after
  /// `settledBefore` (nanoseconds since 1970) is not settled, nor is what is at fault. Paths that `earlier`
  /// has are shared with it.
  FileListing(std::string prefix, std::vector<FoundFile> found, std::int64_t settledBefore,
              const FileListing* earlier);

  [[nodiscard]] const std::vector<SourceFile>& files() const { return files_; }
  /// Below the root; stays for as long as the listing.
  [[nodiscard]] const char* relativePath(std::size_t index) const;
  /// Why that file cannot be read; nullptr where nothing is known against it.
  [[nodiscard]] const SourceError* fault(std::size_t index) const;
  [[nodiscard]] bool allSettled() const { return allSettled_; }
  /// Whether another pass found the same.
  [[nodiscard]] bool agreesWith(const std::vector<FoundFile>& found) const;

 private:
  friend class ListingBuilder;
  FileListing() = default;
  [[nodiscard]] bool agrees(std::size_t index, const FoundFile& found) const;

  std::string prefix_;
  std::vector<SourceFile> files_;
  std::map<std::size_t, SourceError> faults_;  ///< by index
  bool allSettled_ = true;
};

/// Makes a listing of files as they are found. Costs next to nothing for a file that an earlier listing has,
/// where they come in the order of their paths, as most do.
class ListingBuilder {
 public:
  /// `prefix` as of FileListing. `earlier` outlives it.
  ListingBuilder(std::string prefix, const FileListing* earlier);

  /// `folder`: the file's, below the root, with a slash at its end, or "".
  void add(std::string_view folder, std::string_view name, const FileIdentity& identity, bool settled);
  /// The same of one that is at fault.
  void add(std::string_view folder, std::string_view name, const FileIdentity& identity, SourceError fault);

  [[nodiscard]] FileListing build() &&;

 private:
  [[nodiscard]] SharedPath pathOf(std::string_view folder, std::string_view name);
  void sort();

  FileListing made_;
  std::span<const SourceFile> earlier_;  ///< those that may come yet
};

}  // namespace hydra_clients::manifest

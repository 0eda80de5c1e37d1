#pragma once

#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "manifest/sources/file_listing.h"
#include "manifest/sources/git/git_repository.h"

namespace hydra_clients::manifest {

/// What stands in a folder of a commit.
struct ListedTree {
  FileListing listing;
  SkippedFiles skipped;  ///< named as the listing names its files
};

/// Walks over the folder `inside` ("" for all) of a commit's tree `root`, as walkFolder walks over a folder
/// and with the same faults: hidden entries are skipped, symbolic links are followed as long as they lead
/// into that folder, submodules are counted. A file's identity is its blob's id. Only trees and the texts of
/// links are read. `prefix` stands before each path below the folder; `earlier` may be null: see
/// ListingBuilder. nullopt where the tree has no such folder.
[[nodiscard]] tl::expected<std::optional<ListedTree>, SourceError> walkTree(const GitRepository& repository,
                                                                            const git_oid& root,
                                                                            const std::string& inside,
                                                                            const std::string& prefix,
                                                                            const FileListing* earlier);

/// The same of one file alone, named `name` and seen below `prefix`: a list of one.
[[nodiscard]] ListedTree listFile(const git_oid& blob, const std::string& name, const std::string& prefix,
                                  const FileListing* earlier);

/// The blob that a file's identity stands for.
[[nodiscard]] git_oid blobOf(const FileIdentity& identity);

}  // namespace hydra_clients::manifest

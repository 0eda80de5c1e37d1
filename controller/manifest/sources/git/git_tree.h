#pragma once

#include <string>

#include <tl/expected.hpp>

#include "manifest/sources/file_listing.h"
#include "manifest/sources/git/git_repository.h"

namespace hydra_clients::manifest {

/// Walks over the tree `id`, as walkFolder walks over a folder and with the same faults: hidden entries are
/// skipped, symbolic links are followed as long as they stay inside the tree, submodules are counted. A
/// file's identity is its blob's id. Only trees and the texts of links are read. `shownPrefix` stands before
/// each path in messages ("clients/"), or is "".
[[nodiscard]] tl::expected<FoundTree, SourceError> walkTree(const GitRepository& repository,
                                                            const git_oid& id,
                                                            const std::string& shownPrefix);

/// The blob that a file's identity stands for.
[[nodiscard]] git_oid blobOf(const FileIdentity& identity);

}  // namespace hydra_clients::manifest

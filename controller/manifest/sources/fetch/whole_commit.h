#pragma once

#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "manifest/sources/git/git_library.h"

namespace hydra_clients::manifest {

/// What a commit lacks.
struct WholeFault {
  std::string words;         ///< follow the commit's id
  bool isMalformed = false;  ///< what is wrong came so: no other fetch brings it otherwise
};

/// Whether every tree and blob of a commit is there, as git asks after a fetch: a server may send less than
/// it said. Of `known`, a commit that was whole before, nothing is looked at again. The contents of blobs are
/// not read.
[[nodiscard]] tl::expected<void, WholeFault> checkWhole(git_repository* repository, const git_oid& commit,
                                                        const std::optional<git_oid>& known);

/// The same of one object that cannot be used: it is not there, or it is, and is malformed.
[[nodiscard]] WholeFault faultOf(git_repository* repository, const git_oid& object);

/// The tree of a commit; null where either cannot be read.
[[nodiscard]] TreeHandle treeOf(git_repository* repository, const git_oid& commit);

}  // namespace hydra_clients::manifest

#pragma once

#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "manifest/sources/git/git_library.h"

namespace hydra_clients::manifest {

/// Whether every tree and blob of a commit is there, as git asks after a fetch: a server may send less than
/// it said. Of `known`, a commit that was whole before, nothing is looked at again. Contents are not read.
/// The error is in words.
[[nodiscard]] tl::expected<void, std::string> checkWhole(git_repository* repository, const git_oid& commit,
                                                         const std::optional<git_oid>& known);

}  // namespace hydra_clients::manifest

#pragma once

#include <optional>
#include <string>

#include "manifest/source.h"

namespace hydra_clients::manifest {

/// access(2) by the effective user, who is the one that reads.
[[nodiscard]] bool mayAccess(const std::string& path, int mode);

/// What of a repository may not be read, in words with the remedy: libgit2 takes such a part for one that is
/// not there. nullopt where all that is looked at may be read. `root` and `shown` as of GitRepository::open.
/// Costs a look at every pack.
[[nodiscard]] std::optional<SourceError> forbiddenPart(const std::string& root, const std::string& shown);

}  // namespace hydra_clients::manifest

#pragma once

// What a change is compared with, so that a pull request can be told what it brings.

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "manifest/source.h"
#include "manifest/sources/path_source.h"

namespace hydra_clients::manifest {

/// Which two sides are compared, for people and for programs.
struct Comparison {
  std::string changed;  ///< what the change is called: "HEAD", another ref, "the working tree"
  std::string against;  ///< the name that it is compared with
  Revision tip;         ///< the commit of that name
  Revision base;  ///< the commit that is compared with: where the two parted; the tip where that is not known
  std::string note;  ///< why it is not known; "" where it is
};

struct ChangeBase {
  Comparison comparison;
  std::unique_ptr<ManifestSource> manifests;  ///< of the base; none where it does not have the folder
};

/// What the change that `changed` reads is to be compared with: the commit at which it parted from `against`,
/// as `git diff AGAINST...CHANGED` has it, since what `against` has gained meanwhile is no part of the
/// change. `revision`: the change's commit; "" for files that are not committed, of which HEAD is taken.
/// Files are named as `changed` names them. The base's signature is not asked for: nothing of it is imported.
[[nodiscard]] tl::expected<ChangeBase, SourceError> findChangeBase(const PathSourceOptions& changed,
                                                                   const std::string& against,
                                                                   const std::string& revision);

}  // namespace hydra_clients::manifest

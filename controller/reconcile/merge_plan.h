#pragma once

// Plans a merge: what a cycle over the changed manifests would do that one over the base's does not.

#include <functional>
#include <stop_token>

#include <tl/expected.hpp>

#include "manifest/set_reader.h"
#include "manifest/source.h"
#include "manifest/sources/git/change_base.h"
#include "reconcile/merge_report.h"
#include "reconcile/reconciler.h"

namespace hydra_clients::reconcile {

/// What the change, whose commit is given ("" where it has none), is to be compared with.
using FindBase = std::function<tl::expected<manifest::ChangeBase, manifest::SourceError>(
    const std::string& changedRevision)>;

/// `reconciler` reads the change and Hydra, once; `reader`, its own, the base as well, so that what both have
/// in common is parsed once. Nothing is written. Never throws; every failure is in the report.
[[nodiscard]] MergeReport planMerge(Reconciler& reconciler, manifest::SetReader& reader,
                                    const FindBase& findBase, const std::stop_token& stop);

}  // namespace hydra_clients::reconcile

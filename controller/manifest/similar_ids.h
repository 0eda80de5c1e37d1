#pragma once

#include <string_view>

#include "manifest/manifest.h"
#include "manifest/rules/severities.h"

namespace hydra_clients::manifest {

inline constexpr std::string_view kSimilarIdsRule = "client-id-case";

/// The rule that looks at client_ids of one set side by side: those that differ only in case are a fault of
/// each valid manifest that has one. A warning is added to the set's, an error makes the manifest invalid.
void judgeSimilarIds(ManifestSet& set, const RuleSeverities& severities);

}  // namespace hydra_clients::manifest

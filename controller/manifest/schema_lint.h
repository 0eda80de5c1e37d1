#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/json.h"

namespace hydra_clients::manifest {

/// Why a schema of the user's own cannot be relied on, in words with the place, or nothing where it can. A
/// schema that valijson 1.0 would take and not enforce (a mistyped keyword, `format`, a keyword of a newer
/// draft) silently allows everything; one that it would enforce by recursion without end crashes. Both are
/// refused here.
[[nodiscard]] std::optional<std::string> lintSchema(const json::Value& schema);

/// The pointer of every `pattern` of a schema, each once.
[[nodiscard]] std::vector<std::string> patternPlaces(const json::Value& schema);

}  // namespace hydra_clients::manifest

#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "client/json.h"
#include "manifest/manifest.h"
#include "manifest/position_cursor.h"
#include "manifest/set_reader.h"

namespace hydra_clients::manifest {

using InvalidPtr = std::shared_ptr<const InvalidManifest>;

/// What one element of a file is.
struct CheckedElement {
  std::variant<ManifestPtr, InvalidPtr> outcome;
  std::vector<Fault> warnings;  ///< of a valid one; an invalid one keeps its own
};

/// From an element to a manifest, or to all that is wrong with it: its JSON, the schemas, the rules.
/// `path` and `positions` are of the file that the element was read from. Wipes a secret that the element
/// held.
[[nodiscard]] CheckedElement checkElement(json::Element&& element, const SharedPath& path,
                                          PositionCursor& positions, const ReadingOptions& options);

/// A fault of a rule of ours, with the severity that the catalogue gives it.
[[nodiscard]] Fault makeFault(std::string rule, Location where, std::string message, std::string hint = {});

}  // namespace hydra_clients::manifest

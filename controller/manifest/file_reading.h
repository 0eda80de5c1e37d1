#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/element_check.h"
#include "manifest/manifest.h"
#include "manifest/set_reader.h"

namespace hydra_clients::manifest {

/// What one file holds: its elements in their order, and what became of each. Immutable, and kept for as long
/// as the file does not change.
struct FileReading {
  std::vector<CheckedElement> elements;

  [[nodiscard]] bool empty() const { return elements.empty(); }
};
using FileReadingPtr = std::shared_ptr<const FileReading>;

/// Reads a file's text. Where its syntax is broken nothing of the file is valid: what stands after the fault
/// cannot be known. At most `options.manifests` elements are kept, and one more that says so.
[[nodiscard]] FileReading readFile(const SharedPath& path, std::string_view text,
                                   const ReadingOptions& options);

/// A file that could not be read at all.
[[nodiscard]] FileReading unreadableFile(const SharedPath& path, std::string rule, std::string message);

}  // namespace hydra_clients::manifest

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hydra_clients::cli {

extern const std::string_view kVersion;  ///< of the project, "0.1.0"
extern const std::string_view kCommit;   ///< that was built, short; "unknown" outside a checkout

/// Name and version of every library that the program was built with.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> libraryVersions();

}  // namespace hydra_clients::cli

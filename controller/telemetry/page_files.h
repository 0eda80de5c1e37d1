#pragma once

// The status page, as it is served: the files of telemetry/page/, made part of the program at build time.

#include <string_view>

namespace hydra_clients::telemetry {

struct PageFile {
  std::string_view path;  ///< "/", "/page/main.js"
  std::string_view contentType;
  std::string_view text;
};

/// The file that is served at that path; null where there is none.
[[nodiscard]] const PageFile* pageFileAt(std::string_view path);

}  // namespace hydra_clients::telemetry

#pragma once

#include <string>
#include <string_view>

namespace hydra_clients::secrets {

/// `path` as one below `root`: a relative one as it is, an absolute one without the root in front of it;
/// empty where it is not below it. Only by its letters: links are openConfined's business.
[[nodiscard]] std::string pathBelow(std::string_view path, std::string_view root);

enum class Confinement {
  kKernel,   ///< openat2(RESOLVE_BENEATH): Linux 5.6 and newer, where seccomp allows it; else as kResolved
  kResolved  ///< realpath, judged, and opened name by name without following links
};

/// Opens the file for reading, below `root` whatever `path` and the links on its way say; -1 with errno,
/// EXDEV where it leads out. Never blocks on a FIFO. What kind of file it is the caller has to ask.
/// Thread-safe.
[[nodiscard]] int openConfined(const std::string& root, const std::string& path,
                               Confinement confinement = Confinement::kKernel);

}  // namespace hydra_clients::secrets

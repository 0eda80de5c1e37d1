#pragma once

#include <string>

#include <sys/stat.h>

namespace hydra_clients::secrets {

/// What stands under this name now, links followed; all zero where there is nothing, or it may not be looked
/// at. Thread-safe.
[[nodiscard]] struct stat lookAt(const std::string& path);

/// Whether it is the same file with the same content, by device, inode, size and times.
[[nodiscard]] bool sameFile(const struct stat& a, const struct stat& b);

}  // namespace hydra_clients::secrets

#pragma once

#include <optional>
#include <string>

#include <sys/stat.h>

namespace hydra_clients::telemetry {

/// Which file is there, and whether it was written since: equal as long as it need not be read again.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  long long modified = 0;  ///< in nanoseconds
  bool operator==(const FileIdentity&) const = default;

  /// nullopt where there is no such file, or it cannot be looked at.
  [[nodiscard]] static std::optional<FileIdentity> of(const std::string& path) {
    struct stat file {};
    if (stat(path.c_str(), &file) != 0) return std::nullopt;
    constexpr long long kNanoseconds = 1'000'000'000;
    return FileIdentity{file.st_dev, file.st_ino, file.st_size,
                        file.st_mtim.tv_sec * kNanoseconds + file.st_mtim.tv_nsec};
  }
};

}  // namespace hydra_clients::telemetry

#pragma once

#include <optional>
#include <string>

#include <sys/stat.h>

namespace hydra_clients::telemetry {

/// Which file is there, and whether it was written or its permissions changed since: equal as long as it need
/// not be read again.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  long long modified = 0;  ///< in nanoseconds, as the next
  long long changed = 0;   ///< chmod and chown count, which make a file readable
  bool operator==(const FileIdentity&) const = default;

  /// nullopt where there is no such file, or it cannot be looked at.
  [[nodiscard]] static std::optional<FileIdentity> of(const std::string& path) {
    struct stat file {};
    if (stat(path.c_str(), &file) != 0) return std::nullopt;
    constexpr long long kNanoseconds = 1'000'000'000;
    const auto nanoseconds = [](const timespec& time) { return time.tv_sec * kNanoseconds + time.tv_nsec; };
    return FileIdentity{file.st_dev, file.st_ino, file.st_size, nanoseconds(file.st_mtim),
                        nanoseconds(file.st_ctim)};
  }
};

}  // namespace hydra_clients::telemetry

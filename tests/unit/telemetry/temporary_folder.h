#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <stdlib.h>

namespace hydra_clients::tests {

/// A folder of the test's own, gone with it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "telemetry-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }
  /// Renamed into place, as whoever changes a mounted secret does; gives the path.
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream(path(name) + ".new", std::ios::binary) << text;
    std::filesystem::rename(path(name) + ".new", path(name));
    return path(name);
  }

 private:
  std::string path_;
};

}  // namespace hydra_clients::tests

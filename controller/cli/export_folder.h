#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace hydra_clients::cli {

/// A folder that files are written to, each whole or not at all. Used by one thread. Errors are in words and
/// name the file.
class ExportFolder {
 public:
  /// Makes the folder where it is not there (its parent must be).
  [[nodiscard]] static tl::expected<ExportFolder, std::string> open(const std::string& path);
  ExportFolder(ExportFolder&& other) noexcept;
  ExportFolder& operator=(ExportFolder&&) = delete;
  ~ExportFolder();

  enum class Outcome {
    kWritten,
    kUnchanged,  ///< it stood there already, the same to the byte
    kLeftAlone,  ///< it stood there with other content, and `overwrite` was not asked for: untouched
  };
  /// Into a temporary file, then renamed, so that a reader and a full disk find the old file or the new one.
  [[nodiscard]] tl::expected<Outcome, std::string> write(const std::string& name, std::string_view text,
                                                         bool overwrite);
  /// Makes the written files and their names durable, all at once. One that took another's place is before.
  [[nodiscard]] tl::expected<void, std::string> sync();

 private:
  ExportFolder(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  [[nodiscard]] tl::unexpected<std::string> failed(const std::string& name) const;

  std::string path_;
  int descriptor_;
};

}  // namespace hydra_clients::cli

#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace hydra_clients::secrets {

/// A GNUPGHOME of this process's own: a folder of mode 0700 with a short path, locked while this object lives
/// and removed, with the agent that serves it, when it goes. A process that is killed leaves its folder
/// behind; the next `create` below the same base removes those that nobody holds locked.
///
///     auto home = PrivateHome::create(PrivateHome::defaultBases());
///     if (!home) return tl::make_unexpected(home.error());
///     useAsGnupgHome((*home)->path());
///
/// Thread-safe after creation (it does not change).
class PrivateHome {
 public:
  /// Below the first base that can hold one. The error names every base and why it cannot.
  static tl::expected<std::unique_ptr<PrivateHome>, std::string> create(
      const std::vector<std::string>& bases);
  ~PrivateHome();
  PrivateHome(const PrivateHome&) = delete;
  PrivateHome& operator=(const PrivateHome&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

  /// XDG_RUNTIME_DIR where it is set, /dev/shm, /tmp: memory first, disk last.
  [[nodiscard]] static std::vector<std::string> defaultBases();

 private:
  PrivateHome(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;  ///< holds the flock that says "in use"
};

}  // namespace hydra_clients::secrets

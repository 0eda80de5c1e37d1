#pragma once

#include <optional>
#include <string>

#include <tl/expected.hpp>

namespace hydra_clients::manifest {

/// The last commit whose signature held, kept across restarts. What is kept is only a hint: its signature is
/// checked again before it is used. Used by one thread.
class LastGoodCommit {
 public:
  /// `folder`: where it is kept, in a file of its own; "" keeps it in memory alone. `ref`: one that was kept
  /// for another ref does not count.
  LastGoodCommit(std::string folder, std::string ref);

  /// 40 hexadecimal digits; "" where none is known.
  [[nodiscard]] const std::string& id() const { return id_; }
  /// Durable when it returns. The error is in words; the commit counts in this process all the same.
  [[nodiscard]] tl::expected<void, std::string> remember(const std::string& id);

 private:
  [[nodiscard]] std::string file() const;

  const std::string folder_;
  const std::string ref_;
  std::string id_;
};

}  // namespace hydra_clients::manifest

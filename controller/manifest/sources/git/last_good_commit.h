#pragma once

#include <string>

#include <tl/expected.hpp>

namespace hydra_clients::manifest {

/// The last commit whose signature held, kept across restarts. What is kept is only a hint: its signature is
/// checked again before it is used. Used by one thread.
class LastGoodCommit {
 public:
  enum class Access { kReads, kKeeps };

  /// `folder`: where it is kept, in a file of its own; "" keeps it in memory alone. `ref`: one that was kept
  /// for another ref does not count. Only `kKeeps` writes there.
  LastGoodCommit(std::string folder, std::string ref, Access access);

  /// 40 hexadecimal digits; "" where none is known.
  [[nodiscard]] const std::string& id() const { return id_; }
  /// Why none was known at the start, in words.
  [[nodiscard]] const std::string& whyNone() const { return whyNone_; }
  /// Durable when it returns; the folder is made where it is missing. The error is in words, and the next
  /// call tries again; the commit counts in this process all the same.
  [[nodiscard]] tl::expected<void, std::string> remember(const std::string& id);

 private:
  void recall();
  [[nodiscard]] std::string file() const;

  const std::string folder_;
  const std::string ref_;
  const bool keeps_;
  std::string id_;
  std::string whyNone_;
  bool kept_ = false;  ///< id_ is in the file
};

}  // namespace hydra_clients::manifest

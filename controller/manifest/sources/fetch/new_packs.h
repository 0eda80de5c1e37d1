#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace hydra_clients::manifest {

/// The packs that come into a repository while this lives. They are removed with it, unless they are to be
/// kept: what a fetch brings and does not put in force would otherwise stay, and grow. Used by the one
/// process that fetches.
class NewPacks {
 public:
  explicit NewPacks(const std::string& repository);
  NewPacks(const NewPacks&) = delete;
  NewPacks& operator=(const NewPacks&) = delete;
  ~NewPacks();

  void keep() { kept_ = true; }

 private:
  const std::filesystem::path folder_;
  std::set<std::filesystem::path> before_;
  bool kept_ = false;
};

}  // namespace hydra_clients::manifest

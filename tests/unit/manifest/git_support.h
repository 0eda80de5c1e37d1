#pragma once

// Repositories for the tests of Git as a source.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "git_commands.h"
#include "support.h"

namespace hydra_clients::manifest {

/// A work tree, or a bare repository, in a folder of its own; gone with the test.
class Checkout {
 public:
  explicit Checkout(const std::string& options = "") {
    std::filesystem::create_directory(folder());
    (*this)("init -q " + options);
  }

  [[nodiscard]] std::filesystem::path folder() const { return parent_.path() / "repo"; }
  [[nodiscard]] std::string operator/(std::string_view name) const { return (folder() / name).string(); }
  /// A neighbour of it.
  [[nodiscard]] std::string beside(std::string_view name) const { return parent_ / name; }
  void write(std::string_view name, std::string_view content) const {
    parent_.write("repo/" + std::string(name), content);
  }

  /// `git ARGUMENTS`, and what it prints.
  std::string operator()(const std::string& arguments) const { return tests::git(folder(), arguments); }
  [[nodiscard]] std::string idOf(const std::string& revision) const {
    return (*this)("rev-parse '" + revision + "'");
  }
  /// Commits everything in the work tree as it is; gives the commit's id.
  std::string commit() {
    tests::commitAll(folder(), "change", kFirstCommit + kHour * commits_++);
    return idOf("HEAD");
  }
  /// The same with one file written before.
  std::string commit(std::string_view name, std::string_view content) {
    write(name, content);
    return commit();
  }

  static constexpr std::int64_t kFirstCommit = 1'700'000'000;  ///< each later one is an hour younger
  static constexpr std::int64_t kHour = 3600;

 private:
  TemporaryFolder parent_;
  std::int64_t commits_ = 0;
};

inline std::vector<std::string> idsOf(const ManifestSet& set) {
  std::vector<std::string> ids;
  for (const ManifestPtr& manifest : set.manifests) ids.push_back(manifest->id);
  return ids;
}

}  // namespace hydra_clients::manifest

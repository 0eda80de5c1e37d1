#pragma once

// What the tests of this room share: short ways to read a text and to look at what is wrong with it.

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <stdlib.h>
#include <unistd.h>

#include "manifest/manifest.h"
#include "manifest/set_reader.h"
#include "not_root.h"

namespace hydra_clients::manifest {

using test::NotRoot;

inline ManifestSet readOne(std::string_view text, const ReadingOptions& options = {}) {
  return readText("a.json", text, options);
}

inline std::vector<std::string> formatted(const std::vector<Fault>& faults) {
  std::vector<std::string> lines;
  for (const Fault& fault : faults) lines.push_back(format(fault));
  return lines;
}

/// The rules of all faults, in their order.
inline std::vector<std::string> rulesOf(const ManifestSet& set) {
  std::vector<std::string> rules;
  for (const Fault& fault : set.allFaults()) rules.push_back(fault.rule);
  return rules;
}

/// A client that has nothing wrong with it, plus `more` members (", \"a\": 1").
inline std::string clientWith(std::string_view more) {
  return R"({"client_id": "shop", "scope": "openid")" + std::string(more) + "}";
}

/// The rules that a client with these members beside it breaks.
inline std::vector<std::string> rulesBrokenBy(std::string_view more, const ReadingOptions& options = {}) {
  return rulesOf(readOne(clientWith(more), options));
}

/// A folder that is gone with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "manifest-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(path_, ignored)) {
      if (entry.is_directory(ignored))
        std::filesystem::permissions(entry, std::filesystem::perms(0700), ignored);
    }
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const { return (path_ / name).string(); }

  void write(std::string_view name, std::string_view content) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
  }

 private:
  std::filesystem::path path_;
};

inline std::string client(std::string_view id) {
  return R"({"client_id": ")" + std::string(id) + R"(", "scope": "openid"})";
}

}  // namespace hydra_clients::manifest

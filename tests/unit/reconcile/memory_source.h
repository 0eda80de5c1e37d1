#pragma once

// A manifest source in memory, whose content the test sets.

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "manifest/source.h"

namespace hydra_clients::test {

class MemorySource final : public manifest::ManifestSource {
 public:
  void set(const std::string& path, const std::string& content) { files_[path] = content; }
  void remove(const std::string& path) { files_.erase(path); }
  void fail(manifest::SourceError error) { error_ = std::move(error); }
  void heal() { error_.reset(); }
  /// What is asked whether the revision is still proven; empty: it needs no proof.
  void prove(manifest::StillProven proof) { proof_ = std::move(proof); }

  tl::expected<std::unique_ptr<manifest::Snapshot>, manifest::SourceError> open() override {
    if (error_) return tl::unexpected(*error_);
    return std::make_unique<MemorySnapshot>(files_, proof_);
  }
  [[nodiscard]] std::string description() const override { return "memory"; }

 private:
  class MemorySnapshot final : public manifest::Snapshot {
   public:
    MemorySnapshot(std::map<std::string, std::string> files, manifest::StillProven proof)
        : contents_(std::move(files)), proof_(std::move(proof)) {
      for (const auto& [path, content] : contents_)
        files_.push_back({path, {{std::hash<std::string>()(content)}}});
    }
    [[nodiscard]] const manifest::Revision& revision() const override { return revision_; }
    [[nodiscard]] const std::vector<manifest::SourceFile>& files() const override { return files_; }
    [[nodiscard]] manifest::StillProven proof() const override { return proof_; }
    tl::expected<std::string, manifest::SourceError> contentOf(const manifest::SourceFile& file,
                                                               std::uint64_t) override {
      return contents_.at(file.path);
    }
    tl::expected<void, manifest::SourceError> verify() override { return {}; }

   private:
    std::map<std::string, std::string> contents_;
    manifest::StillProven proof_;
    std::vector<manifest::SourceFile> files_;
    manifest::Revision revision_{"rev", 1700000000};
  };

  std::map<std::string, std::string> files_;
  std::optional<manifest::SourceError> error_;
  manifest::StillProven proof_;
};

}  // namespace hydra_clients::test

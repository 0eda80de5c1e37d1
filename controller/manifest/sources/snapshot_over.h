#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "manifest/source.h"

namespace hydra_clients::manifest {

/// Another snapshot, of which one thing or another is told otherwise: a base for those that do so.
class SnapshotOver : public Snapshot {
 public:
  explicit SnapshotOver(std::unique_ptr<Snapshot> below) : below_(std::move(below)) {}

  [[nodiscard]] const Revision& revision() const override { return below_->revision(); }
  [[nodiscard]] const std::vector<SourceFile>& files() const override { return below_->files(); }
  [[nodiscard]] SkippedFiles skipped() const override { return below_->skipped(); }
  [[nodiscard]] std::vector<std::string> notices() const override { return below_->notices(); }
  [[nodiscard]] std::optional<SourceError> newestRefused() const override { return below_->newestRefused(); }
  [[nodiscard]] StillProven proof() const override { return below_->proof(); }
  [[nodiscard]] tl::expected<std::string, SourceError> contentOf(const SourceFile& file,
                                                                 std::uint64_t limit) override {
    return below_->contentOf(file, limit);
  }
  [[nodiscard]] tl::expected<void, SourceError> verify() override { return below_->verify(); }

 private:
  const std::unique_ptr<Snapshot> below_;
};

}  // namespace hydra_clients::manifest

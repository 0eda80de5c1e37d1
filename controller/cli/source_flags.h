#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "manifest/source.h"
#include "manifest/sources/git/change_base.h"
#include "manifest/sources/path_source.h"
#include "manifest/sources/watched_paths.h"

namespace hydra_clients::cli {

/// Where `plan` and `run` read manifests from: a path, and what Git has to do with it.
class SourceFlags {
 public:
  void addTo(CLI::App& command);
  /// `--against`, for a command that compares.
  void addAgainstTo(CLI::App& command);
  /// The source, not opened yet; `state`: whether it may write into --state-dir. Throws UsageError where
  /// flags contradict each other.
  [[nodiscard]] std::unique_ptr<manifest::ManifestSource> open(manifest::LastGoodCommit::Access state) const;
  /// Where a change of it shows itself. Thread-safe.
  [[nodiscard]] manifest::WatchedPaths watchedPaths() const;

  [[nodiscard]] bool compares() const { return !against_.empty(); }
  /// What the change is compared with; `revision`: its commit, "" where it has none.
  [[nodiscard]] tl::expected<manifest::ChangeBase, manifest::SourceError> findBase(
      const std::string& revision) const {
    return manifest::findChangeBase(options_, against_, revision);
  }

 private:
  manifest::PathSourceOptions options_;
  std::string keyring_;  ///< "" where commits need not be signed
  std::string against_;
};

}  // namespace hydra_clients::cli

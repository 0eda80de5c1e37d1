#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "manifest/source.h"
#include "manifest/sources/path_source.h"
#include "manifest/sources/watched_paths.h"

namespace hydra_clients::cli {

/// Where `plan` and `run` read manifests from: a path, and what Git has to do with it.
class SourceFlags {
 public:
  void addTo(CLI::App& command);
  /// The source, not opened yet. Throws UsageError where flags contradict each other.
  [[nodiscard]] std::unique_ptr<manifest::ManifestSource> open() const;
  /// Where a change of it shows itself. Thread-safe.
  [[nodiscard]] manifest::WatchedPaths watchedPaths() const { return manifest::watchedPaths(options_); }

 private:
  manifest::PathSourceOptions options_;
};

}  // namespace hydra_clients::cli

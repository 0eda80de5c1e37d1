#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "manifest/source.h"
#include "manifest/sources/path_source.h"

namespace hydra_clients::cli {

/// Where `plan` and `run` read manifests from: a path, and what Git has to do with it.
class SourceFlags {
 public:
  void addTo(CLI::App& command);
  /// The source, not opened yet. Throws UsageError where flags contradict each other.
  [[nodiscard]] std::unique_ptr<manifest::ManifestSource> open() const;
  [[nodiscard]] const std::string& path() const { return options_.path; }

 private:
  manifest::PathSourceOptions options_;
};

}  // namespace hydra_clients::cli

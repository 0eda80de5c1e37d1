#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/git_flags.h"
#include "client/file_descriptor.h"
#include "manifest/source.h"
#include "manifest/sources/fetch/fetched_source.h"
#include "manifest/sources/git/change_base.h"
#include "manifest/sources/path_source.h"
#include "manifest/sources/watched_paths.h"

namespace hydra_clients::cli {

/// Where `plan` and `run` have manifests from: a path, or a repository that is fetched, and what Git has to
/// do with it.
class SourceFlags {
 public:
  void addTo(CLI::App& command);
  /// `--against`, for a command that compares.
  void addAgainstTo(CLI::App& command);
  /// Throws UsageError where flags contradict each other.
  void check() const;

  /// Whether manifests are fetched; fetchCommand() is of use only then.
  [[nodiscard]] bool fetches() const { return git_.given(); }
  /// `holdsState`: this process has lockState().
  [[nodiscard]] manifest::FetchCommand fetchCommand(bool holdsState) const {
    return git_.command(options_.git.stateFolder, holdsState);
  }
  [[nodiscard]] std::vector<std::string> warnings() const { return git_.warnings(); }

  /// The state folder, for this process alone; not valid where nothing is kept. Throws Failure where it
  /// cannot be had.
  [[nodiscard]] FileDescriptor lockState() const;

  /// The source, not opened yet. `state`: whether it may write into --state-dir; a command that only looks
  /// gets nothing after a fetch that failed. `fetchStatus`: see FetchedSource, of use with fetches() alone.
  /// Throws UsageError as check().
  [[nodiscard]] std::unique_ptr<manifest::ManifestSource> open(
      manifest::LastGoodCommit::Access state, std::function<manifest::FetchStatus()> fetchStatus) const;

  /// Whether a change of it shows itself in files: not what is fetched, but the keyring's does.
  [[nodiscard]] bool isWatched() const { return !fetches() || !keyring_.empty(); }
  /// Where it does. Thread-safe.
  [[nodiscard]] manifest::WatchedPaths watchedPaths() const;

  [[nodiscard]] bool compares() const { return !against_.empty(); }
  /// What the change is compared with; `revision`: its commit, "" where it has none.
  [[nodiscard]] tl::expected<manifest::ChangeBase, manifest::SourceError> findBase(
      const std::string& revision) const {
    return manifest::findChangeBase(options_, against_, revision);
  }

 private:
  manifest::PathSourceOptions options_;
  GitFlags git_;
  std::string keyring_;  ///< "" where commits need not be signed
  std::string against_;
};

/// One fetch, and how it went.
[[nodiscard]] manifest::FetchStatus fetchOnce(const manifest::FetchCommand& command,
                                              const std::stop_token& stop);

}  // namespace hydra_clients::cli

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "manifest/sources/fetch/fetch_process.h"
#include "manifest/sources/fetch/git_fetch.h"

namespace hydra_clients::cli {

/// Where to fetch from, and how: shared by `fetch`, which does it, and by `plan` and `run`, which start
/// `fetch`.
class GitFlags {
 public:
  void addTo(CLI::App& command);

  [[nodiscard]] bool given() const { return !url_.empty(); }
  /// The first of these flags that is given, other than --git-url; "" where there is none.
  [[nodiscard]] std::string firstOther() const;
  /// Throws UsageError where flags contradict the URL or each other.
  void check() const;
  [[nodiscard]] std::vector<std::string> warnings() const;

  [[nodiscard]] manifest::FetchOrigin origin() const { return {url_, ref_}; }
  /// What `fetch` is started with, to do what these flags say.
  [[nodiscard]] manifest::FetchCommand command(const std::string& stateFolder, bool holdsState) const;
  /// Reads the files that are named. Throws UsageError as check(), Failure where a file cannot be used.
  [[nodiscard]] manifest::FetchOptions options(const std::string& stateFolder) const;
  [[nodiscard]] std::chrono::milliseconds timeout() const { return timeout_; }
  [[nodiscard]] std::size_t maxBytes() const { return maxBytes_; }

 private:
  [[nodiscard]] manifest::GitUrl url() const;

  std::string url_;
  std::string ref_;
  std::string credentialsFile_;
  std::string sshKeyFile_;
  std::string knownHosts_;
  std::string caFile_;
  std::chrono::milliseconds timeout_{60'000};
  std::size_t maxBytes_ = 1u << 30;
};

}  // namespace hydra_clients::cli

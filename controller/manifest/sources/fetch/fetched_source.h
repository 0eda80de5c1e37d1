#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "manifest/source.h"
#include "manifest/sources/fetch/fetch_storage.h"
#include "manifest/sources/git/git_source.h"

namespace hydra_clients::manifest {

/// How the last fetch went.
struct FetchStatus {
  std::string error;                                   ///< why it failed; "" where it did not
  std::chrono::system_clock::time_point failingSince;  ///< where it did: when the first of such a row ended
};

struct FetchedSourceOptions {
  FetchOrigin origin;
  GitSourceOptions git;    ///< its ref does not count: it is always what was fetched into its state folder
  bool mustBeNew = false;  ///< after a fetch that failed nothing is read, rather than what was fetched before
};

/// What was fetched from a remote: the commit in force, and while fetches fail the one that was fetched
/// last, which then says why it may not be the newest. Used by one thread.
class FetchedSource final : public ManifestSource {
 public:
  /// `status` is asked at each opening.
  FetchedSource(FetchedSourceOptions options, std::function<FetchStatus()> status);
  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> open() override;
  [[nodiscard]] std::string description() const override;
  [[nodiscard]] std::string repository() const override;

 private:
  const FetchedSourceOptions options_;
  const std::function<FetchStatus()> status_;
  GitSource git_;
};

}  // namespace hydra_clients::manifest

#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "manifest/sources/fetch/fetch_storage.h"
#include "manifest/sources/fetch/git_remote.h"

namespace hydra_clients::manifest {

struct FetchOptions {
  RemoteOptions remote;
  std::string ref;     ///< a branch or a tag; "" for the remote's HEAD
  std::string caFile;  ///< of https: PEM, instead of the system's
  std::string stateFolder;
  bool holdsState = false;  ///< the process that started this one has it for itself
};

/// What a fetch is at, for those who wait for it.
enum class FetchStage : std::uint8_t { kBeginning, kWaiting, kConnecting, kReceiving, kChecking };

/// "the remote did not answer": how a fetch that is cut off at this stage failed.
[[nodiscard]] std::string_view cutOffAt(FetchStage stage);

/// Fetches what a ref of a remote names into the state folder, whole, and puts it in force: the id of its
/// commit, 40 hexadecimal digits. Where it fails, what was in force before still is. The error is in words
/// and begins with the URL.
///
/// For a process of its own, with one thread that calls it: it sets the environment's HOME and libgit2's
/// trust, and blocks for as long as the remote likes.
[[nodiscard]] tl::expected<std::string, std::string> fetch(const FetchOptions& options,
                                                           std::atomic<FetchStage>& stage);

[[nodiscard]] FetchOrigin originOf(const FetchOptions& options);

}  // namespace hydra_clients::manifest

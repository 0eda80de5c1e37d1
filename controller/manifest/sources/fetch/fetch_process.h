#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace hydra_clients::manifest {

/// Set in the environment of a process that only fetches to the id of the one that started it: it ends with
/// that one.
inline constexpr const char* kFetchParentVariable = "_HYDRA_CLIENTS_FETCH_PARENT";

/// Set there as well where that one holds the state folder: nobody else may use it then.
inline constexpr const char* kHoldsStateVariable = "_HYDRA_CLIENTS_FETCH_HOLDS_STATE";

/// How `hydra-clients fetch` is started.
struct FetchCommand {
  std::vector<std::string> flags;      ///< without a secret: only the names of files
  std::chrono::milliseconds limit{0};  ///< that the command keeps by itself
  bool holdsState = false;             ///< this process does
};

/// Whether a variable of the environment names a proxy, or whom to ask without one.
[[nodiscard]] bool isProxyVariable(std::string_view name);

/// Runs this program's `fetch` in a process of its own, which gets nothing of the environment but what
/// concerns networks and libraries, and ends it where it goes far beyond its limit: the commit's id, 40
/// hexadecimal digits. The error is in words. Thread-safe.
[[nodiscard]] tl::expected<std::string, std::string> runFetch(const FetchCommand& command,
                                                              const std::stop_token& stop);

/// How long a fetch may go on beyond its limit before it is ended.
inline constexpr std::chrono::milliseconds kFetchSlack{5'000};

}  // namespace hydra_clients::manifest

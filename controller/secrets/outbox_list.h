#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "client/client_id.h"

namespace hydra_clients::secrets {

/// One sealed secret of an outbox, as its file's head describes it.
struct OutboxEntry {
  ClientId id;
  std::string stamp;  ///< the import that it was made for
  std::chrono::system_clock::time_point sealed;
  std::vector<std::string> recipients;  ///< fingerprints of primary keys
  bool pending = false;                 ///< nobody knows yet whether the client's import was carried out
  std::string file;                     ///< its path
};

struct OutboxListing {
  /// By client; of one client the oldest first, and what is pending behind what is confirmed.
  std::vector<OutboxEntry> entries;
  std::vector<std::string> warnings;  ///< files that are no such secrets, by name; at most 20, and a count
};

/// Reads an outbox without its lock, so also beside the process that writes to it; changes nothing. An entry
/// that is confirmed meanwhile appears once. The error is in words. Thread-safe.
[[nodiscard]] tl::expected<OutboxListing, std::string> listOutbox(const std::string& folder);

/// The ASCII-armored message of an entry, for `gpg -d`. The error is in words and names the file.
[[nodiscard]] tl::expected<std::string, std::string> messageOf(const OutboxEntry& entry);

}  // namespace hydra_clients::secrets

#pragma once

// What stands in a replica's outbox, read file by file.

#include <string>
#include <string_view>
#include <vector>

namespace simulate {

struct OutboxFile {
  std::string id;  ///< the client's, as its head says
  std::string stamp;
  std::string content;
  bool pending = false;
};

/// Half-written files are left out, as whoever looks for a secret would.
[[nodiscard]] std::vector<OutboxFile> outboxFiles(const std::string& folder);
/// Whether the folder holds this secret for the client.
[[nodiscard]] bool outboxHas(const std::string& folder, const std::string& id, std::string_view secret);

}  // namespace simulate

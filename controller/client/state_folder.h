#pragma once

// The folder that a process keeps things in across restarts, and who has it in use.

#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "client/file_descriptor.h"

namespace hydra_clients {

/// Makes the folder, for this user alone, where it is not there; what it stands in must be. One of a format
/// that this version does not know, as its file `format` says, is refused and left as it is. The error is in
/// words and names the path. Thread-safe.
[[nodiscard]] tl::expected<void, std::string> makeStateFolder(const std::string& path);

struct StateFault {
  std::string words;   ///< name the path
  bool inUse = false;  ///< another process holds the folder: the words say which
};

/// Makes the folder, writes its format and locks it for this process, for as long as the descriptor is open.
[[nodiscard]] tl::expected<FileDescriptor, StateFault> lockStateFolder(const std::string& path);

/// Who holds the folder, "process 12 on host"; nullopt where nobody does. Locks it for a moment to see that.
[[nodiscard]] std::optional<std::string> stateFolderHolder(const std::string& path);

/// Writes into a file that this process has locked who that is: a courtesy to those who find it locked.
void signLock(int lock);

/// "process 12 on host": who has signed it; "another process" where nobody has.
[[nodiscard]] std::string lockHolder(int lock);

}  // namespace hydra_clients

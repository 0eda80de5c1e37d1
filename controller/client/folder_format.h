#pragma once

// By what a folder of this program says what it is and how it is laid out, so that another version leaves
// alone what it does not know.

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace hydra_clients {

struct FolderFormat {
  std::string_view file;     ///< its name in the folder
  std::string_view kind;     ///< "outbox"
  std::string_view version;  ///< the one that this version of the program reads and writes

  /// What the file holds: "hydra-clients outbox 1", and a line break.
  [[nodiscard]] std::string line() const;
};

/// Of an outbox (secrets/outbox_folder.h). Those who keep something else look for it too.
inline constexpr FolderFormat kOutboxFormat{.file = ".format", .kind = "outbox", .version = "1"};

/// Whether the folder has the file, and it says this kind and version; false where it has none. Anything else
/// is an error, in words that fit behind the folder's name. Thread-safe.
[[nodiscard]] tl::expected<bool, std::string> hasFormat(int folder, const FolderFormat& format);

}  // namespace hydra_clients

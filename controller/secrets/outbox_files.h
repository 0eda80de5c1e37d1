#pragma once

// The files of an outbox: their names, how they are written and read, and what is said where that fails.
// Functions are thread-safe.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "client/client_id.h"

namespace hydra_clients::secrets {

inline constexpr std::string_view kPendingFolder = ".pending";
inline constexpr std::string_view kLockFile = ".lock";
inline constexpr std::string_view kSealedSuffix = ".asc";
/// What a new file system holds at its root, beside what is ours.
inline constexpr std::string_view kLostAndFound = "lost+found";
/// In the pending folder; what a killed process left is removed by the next one.
inline constexpr std::string_view kTemporaryPrefix = ".tmp-";

/// Of one folder that are read. Twice as many secrets as there may be manifests.
inline constexpr std::size_t kMaxOutboxEntries = 200'000;
/// Secrets of one client beside each other: one for each time that its Hydra lost it.
inline constexpr unsigned kMaxSecretsOfAClient = 10'000;

/// `<client_id percent-encoded>+<stamp>.asc` in the pending folder.
[[nodiscard]] std::string pendingName(const ClientId& id, std::string_view stamp);
/// `<client_id percent-encoded>.asc`, and from the second one on `…+2.asc`. "+" is encoded in every
/// client_id, so no client's name is another's number.
[[nodiscard]] std::string confirmedName(const ClientId& id, unsigned number);
/// The number in such a name of that client; 0 where it is another name.
[[nodiscard]] unsigned confirmedNumber(const ClientId& id, const std::string& name);

/// What an error of the system means for an outbox, and what to do: "the disk is full: …".
[[nodiscard]] std::string outboxError(int error);

/// The text of a regular file below `folder` (or AT_FDCWD), not through a link, whole. The error fits behind
/// the file's name.
[[nodiscard]] tl::expected<std::string, std::string> readRegularFile(int folder, const std::string& name,
                                                                     std::size_t maxBytes);

/// The names in a folder without "." and "..", sorted. The error is in words.
[[nodiscard]] tl::expected<std::vector<std::string>, std::string> namesIn(int folder);

/// Whether there is anything of that name, be it a link to nothing.
[[nodiscard]] bool isThere(int folder, const std::string& name);

/// Warnings about files, of which a folder may hold any number.
class FileWarnings {
 public:
  static constexpr std::size_t kMost = 20;

  void add(std::string_view warning);
  /// At most kMost, and one more that says how many there were beyond.
  [[nodiscard]] std::vector<std::string> all() const;

 private:
  std::vector<std::string> kept_;
  std::size_t beyond_ = 0;
};

/// A file in its place.
struct Place {
  int folder;
  std::string name;
};

/// A name in the pending folder that nothing else has.
[[nodiscard]] Place temporaryIn(int pendingFolder);

/// Writes a file of mode 0600 so that it stands in `place`, whole and durable, or not at all: under the
/// temporary name, fsync, rename to the name that must be free, fsync the folder. False with errno, and then
/// nothing of it is left.
[[nodiscard]] bool writeDurably(const Place& temporary, const Place& place, std::string_view text);

}  // namespace hydra_clients::secrets

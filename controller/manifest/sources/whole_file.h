#pragma once

#include <string>

#include <tl/expected.hpp>

#include "manifest/source.h"
#include "manifest/sources/folder_walk.h"

namespace hydra_clients::manifest {

/// Reads an open regular file from its beginning to its end, at most `limit` bytes, and makes sure that it is
/// the same before and after. `shown` names it in messages. kTorn where it changed; kLimit and kUnreadable
/// carry a rule. Where `expected` is given, the file must be that one, and whether it still is after the
/// reading is for the caller to look at (Snapshot::verify).
[[nodiscard]] tl::expected<std::string, SourceError> readOpenFile(int fd, const std::string& shown,
                                                                  std::uint64_t limit,
                                                                  const FileIdentity* expected);

/// A file, or a text, of more bytes than are allowed.
[[nodiscard]] SourceError tooLarge(std::uint64_t size, std::uint64_t limit);

/// Opens a file for readOpenFile without ever waiting for a pipe's other end.
[[nodiscard]] FileDescriptor openForReading(int folder, const char* path);

/// Why a file could not be opened: kTorn where it is gone, else its own fault.
[[nodiscard]] SourceError openingError(const std::string& shown, int error);

}  // namespace hydra_clients::manifest

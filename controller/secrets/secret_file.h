#pragma once

// Files that hold secrets, read without leaving copies of them behind.

#include <cstddef>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "client/file_descriptor.h"
#include "client/secret.h"

namespace hydra_clients::secrets {

/// Hydra refuses shorter ones (client/validator.go, v1.9.2 to v26.2.0).
inline constexpr std::size_t kShortestSecret = 6;

/// Why these bytes cannot be a client's secret, in words that follow the name of where they stand ("is empty:
/// …"); "" for one that can. Never quotes them.
[[nodiscard]] std::string faultOfSecret(std::string_view bytes, std::size_t maxBytes);

/// The bytes of a regular file, at most `maxBytes`; words that follow its name where it is none, is too
/// large, or is being written just now. Thread-safe.
[[nodiscard]] tl::expected<Secret, std::string> readBytes(const FileDescriptor& file, std::size_t maxBytes);

/// The text of a regular file without its one trailing newline (LF or CRLF). Thread-safe.
[[nodiscard]] tl::expected<Secret, std::string> readLine(const FileDescriptor& file, std::size_t maxBytes);

/// A line that can be a client's secret. Thread-safe.
[[nodiscard]] tl::expected<Secret, std::string> readSecret(const FileDescriptor& file, std::size_t maxBytes);

/// Opens the file that a flag names and reads it with one of the above. The error begins with the path.
/// Never blocks on a FIFO. Thread-safe.
[[nodiscard]] tl::expected<Secret, std::string> readFile(
    const std::string& path, tl::expected<Secret, std::string> (*reader)(const FileDescriptor&, std::size_t),
    std::size_t maxBytes);

}  // namespace hydra_clients::secrets

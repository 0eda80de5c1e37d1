#pragma once

#include <string>
#include <string_view>

namespace hydra_clients {

using ClientId = std::string;

/// RFC 3986 percent-encoding of everything but unreserved characters: the id as one segment of a path.
[[nodiscard]] std::string percentEncode(std::string_view bytes);

/// A file's name for the id: percent-encoded, a leading dot encoded too; over 200 bytes a prefix of it and
/// the id's SHA-256 in hex (design §6). Two ids never share a name.
[[nodiscard]] std::string fileNameOf(std::string_view clientId);

/// A random UUID (version 4, RFC 9562) from a cryptographic source, in lower case.
[[nodiscard]] std::string randomUuid();

}  // namespace hydra_clients

#pragma once

#include <string>

#include <tl/expected.hpp>

#include "client/secret.h"
#include "client/secret_source.h"

namespace hydra_clients::secrets {

/// What a manifest's reference may read (design §4): a manifest must not read what its author may not.
struct ReferenceOptions {
  std::string root;                                 ///< `--secrets-root`; empty: `file` is refused
  std::string envPrefix = "HYDRA_CLIENTS_SECRET_";  ///< `--secrets-env-prefix`
  std::size_t maxBytes = 16 << 10;
};

/// The secret that the reference names, or why it cannot be had yet, in words, without any content.
/// A file's one trailing newline (LF or CRLF) is trimmed. A path is below the root, whatever its links say;
/// folders, FIFOs and devices are refused. Thread-safe.
[[nodiscard]] tl::expected<Secret, std::string> resolve(const SecretReference& reference,
                                                        const ReferenceOptions& options);

}  // namespace hydra_clients::secrets

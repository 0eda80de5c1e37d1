#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "client/secret.h"
#include "client/secret_source.h"
#include "secrets/decryptor.h"
#include "secrets/sealed_payload.h"

namespace hydra_clients::secrets {

/// What a manifest's reference may read (design §4): a manifest must not read what its author may not.
struct ReferenceOptions {
  std::string root;                          ///< `--secrets-root`; empty: `file` is refused
  std::string envPrefix{kSecretsEnvPrefix};  ///< `--secrets-env-prefix`
  std::size_t maxBytes = kMaxSecretBytes;
  std::string privateKeyFile;            ///< `--pgp-private-key-file`, of which `decryptor` is made
  std::string passphraseFile;            ///< `--pgp-passphrase-file`
  std::shared_ptr<Decryptor> decryptor;  ///< opens PGP messages; null: none can be opened
};

/// The secret that the reference names, or why it cannot be had yet, in words, without any content.
/// A file's one trailing newline (LF or CRLF) is trimmed. A path is below the root, whatever its links say;
/// folders, FIFOs and devices are refused. A PGP message must be sealed for `clientId`. Thread-safe.
[[nodiscard]] tl::expected<Secret, std::string> resolve(const SecretReference& reference,
                                                        std::string_view clientId,
                                                        const ReferenceOptions& options);

/// Whether `resolve` gives a secret, for those who do not send it: a PGP message that was opened once is not
/// opened again (Decryptor::check). Thread-safe.
[[nodiscard]] tl::expected<void, std::string> check(const SecretReference& reference,
                                                    std::string_view clientId,
                                                    const ReferenceOptions& options);

}  // namespace hydra_clients::secrets

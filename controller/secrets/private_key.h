#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "client/secret.h"
#include "secrets/pgp_options.h"

namespace hydra_clients::secrets {

/// Why a message was not opened.
struct OpeningFault {
  std::string words;     ///< follow "the PGP message "; nothing of the message or the key is in them
  bool passing = false;  ///< the next try may end otherwise: no memory, no gpg, no answer in time
};

/// A private PGP key, in a private GNUPGHOME with an agent of its own, which end with this object
/// (private_home.h). The passphrase is handed over by loopback: no terminal and no pinentry is ever asked,
/// and the agent keeps none. The user's own keyring and agent are never touched.
///
/// Thread-safe, and serialised with all other use of GPGME.
class PrivateKey {
 public:
  /// Takes the private keys in `key`, armored or binary (one, or several, all under the one passphrase).
  /// `passphrase` may be empty: the key has none. The error follows the name of where the key came from.
  static tl::expected<std::unique_ptr<PrivateKey>, OpeningFault> load(const Secret& key, Secret passphrase,
                                                                      const PgpOptions& options);
  ~PrivateKey();
  PrivateKey(const PrivateKey&) = delete;
  PrivateKey& operator=(const PrivateKey&) = delete;

  /// The plaintext of an ASCII-armored message that is encrypted to this key and whole; at most
  /// kMaxPayloadBytes.
  [[nodiscard]] tl::expected<Secret, OpeningFault> decrypt(std::string_view message);

 private:
  struct Impl;
  explicit PrivateKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hydra_clients::secrets

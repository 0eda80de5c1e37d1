#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "secrets/gpg_engine.h"
#include "secrets/pgp_options.h"
#include "secrets/signature_check.h"

namespace hydra_clients::secrets {

/// The public keys of people whose signatures count, in a private GNUPGHOME that ends with this object
/// (private_home.h). A key that is in the keyring is trusted, and no other; no agent is ever started, and
/// nothing is fetched.
///
/// Thread-safe, and serialised with all other use of GPGME.
class PublicKeyring {
 public:
  /// Takes all keys in `keys`, armored or binary, one after the other. The error is in words: no key at all
  /// (an HTML page), a private key, one that is cut off. `name` is the keyring's, for people.
  static tl::expected<std::unique_ptr<PublicKeyring>, std::string> load(std::string_view keys,
                                                                        std::string name,
                                                                        const PgpOptions& options);
  ~PublicKeyring();
  PublicKeyring(const PublicKeyring&) = delete;
  PublicKeyring& operator=(const PublicKeyring&) = delete;

  /// Whether a detached, armored signature over `content` is one key's of the keyring, and that key neither
  /// expired nor revoked.
  [[nodiscard]] tl::expected<GoodSignature, SignatureFault> verify(std::string_view content,
                                                                   std::string_view signature);

  /// gpg did not answer in time: what it is asked next would wait as long.
  [[nodiscard]] bool hung() const { return hung_; }

 private:
  PublicKeyring(std::unique_ptr<GpgEngine> engine, std::string name)
      : engine_(std::move(engine)), name_(std::move(name)) {}
  [[nodiscard]] tl::expected<void, std::string> import(std::string_view keys);

  std::unique_ptr<GpgEngine> engine_;
  const std::string name_;
  bool hung_ = false;
};

}  // namespace hydra_clients::secrets

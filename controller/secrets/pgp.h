#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "client/secret.h"

namespace hydra_clients::secrets {

/// A recipient's primary key, checked to be able to encrypt now.
struct Recipient {
  std::string fingerprint;  ///< of the primary key, upper-case hex
  std::string userId;       ///< for people; may be empty
  std::optional<std::chrono::system_clock::time_point> expires;  ///< of the first (sub)key that ends its use
};

/// GnuPG, through GPGME, in one private GNUPGHOME of this process (mode 0700, below XDG_RUNTIME_DIR, /dev/shm or
/// /tmp, a short path), which is removed together with its agent when this object goes. The user's own keyring is
/// never touched. Used by one thread at a time (calls are serialised inside).
class Pgp {
 public:
  /// Checks the engine; the error names the missing binary.
  static tl::expected<std::unique_ptr<Pgp>, std::string> start();
  ~Pgp();
  Pgp(const Pgp&) = delete;
  Pgp& operator=(const Pgp&) = delete;

  /// Imports one public key, armored or binary. Refused in words: no key at all (an HTML page), several keys,
  /// a secret key, expired, revoked, disabled, no key that can encrypt.
  [[nodiscard]] tl::expected<Recipient, std::string> addRecipient(std::string_view key);

  /// The ASCII-armored message for all recipients. An error, never a partial message.
  [[nodiscard]] tl::expected<std::string, std::string> encrypt(const Secret& plaintext);

  [[nodiscard]] const std::vector<Recipient>& recipients() const;

 private:
  struct Impl;
  explicit Pgp(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The bytes of `--pgp-key`: standard base64 of an armored or a binary key; line breaks inside are allowed.
[[nodiscard]] tl::expected<std::string, std::string> decodeKeyArgument(std::string_view base64);
/// Standard base64, padded, without line breaks.
[[nodiscard]] std::string base64(std::string_view bytes);
/// The URL of a Keybase user's keys, the name escaped.
[[nodiscard]] std::string keybaseUrl(std::string_view base, std::string_view user);

}  // namespace hydra_clients::secrets

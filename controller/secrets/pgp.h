#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "client/secret.h"
#include "secrets/pgp_options.h"

namespace hydra_clients::secrets {

/// A recipient's primary key, checked to be able to encrypt now.
struct Recipient {
  std::string fingerprint;  ///< of the primary key, upper-case hex
  std::string userId;       ///< for people, on one line; may be empty
  /// When nothing can be encrypted to it any more: its primary key's end, or its last encryption key's.
  std::optional<std::chrono::system_clock::time_point> expires;
};

/// The largest key that is taken: a well-known person's, with years of other people's signatures, has 500
/// KiB.
inline constexpr std::size_t kMaxKeyBytes = 1 << 20;

/// GnuPG, through GPGME, in one private GNUPGHOME of this process (mode 0700, below XDG_RUNTIME_DIR, /dev/shm
/// or /tmp, a short path), which is removed when this object goes; what a killed process left is removed by
/// the next one's start. No agent is ever started: public keys need none. The user's own keyring is never
/// touched.
///
/// Thread-safe, and serialised: GPGME's global state and every context are guarded by one mutex of the
/// process. Only `recipients()` asks that no `addRecipient` runs at the same time.
class Pgp {
 public:
  /// Checks the engine; the error names the missing binary and the package that has it.
  static tl::expected<std::unique_ptr<Pgp>, std::string> start(const PgpOptions& options = {});
  ~Pgp();
  Pgp(const Pgp&) = delete;
  Pgp& operator=(const Pgp&) = delete;

  /// Imports one public key, armored or binary. Refused in words: no key at all (an HTML page), several keys,
  /// a private key, expired, revoked, disabled, no key that can encrypt. A key given twice is one recipient.
  [[nodiscard]] tl::expected<Recipient, std::string> addRecipient(std::string_view key);

  /// The ASCII-armored message for all recipients, which `gpg -d` of any of them opens. An error, never a
  /// partial message, and never a message for fewer recipients.
  [[nodiscard]] tl::expected<std::string, std::string> encrypt(const Secret& plaintext);

  /// In the order in which they were added.
  [[nodiscard]] const std::vector<Recipient>& recipients() const;

  /// The private GNUPGHOME. For tests: nothing else has any business there.
  [[nodiscard]] const std::string& home() const;

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

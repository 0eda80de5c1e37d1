#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include <sys/stat.h>
#include <tl/expected.hpp>

#include "client/fingerprint.h"
#include "client/secret.h"
#include "secrets/pgp_options.h"
#include "secrets/private_key.h"

namespace hydra_clients::secrets {

/// Where the key is that opens the messages of client_secret_from.
struct DecryptorOptions {
  std::string privateKeyFile;  ///< `--pgp-private-key-file`
  std::string passphraseFile;  ///< `--pgp-passphrase-file`; empty: the key has no passphrase
  PgpOptions gpg;
};

/// Opens `client_secret_from: {"pgp": …}`. The key is read when the first message is to be opened, and again
/// when one of its files has changed; GnuPG is started then, and never where no manifest holds a message.
///
///     Decryptor decryptor({"/run/secrets/key.asc", "", {}});
///     auto secret = decryptor.open(message, "shop");
///
/// Thread-safe; one message is opened at a time.
class Decryptor {
 public:
  explicit Decryptor(DecryptorOptions options);

  /// The secret in the message, which must be sealed for `clientId` (sealed_payload.h); else why it cannot be
  /// had, in words that stand alone, without any content.
  [[nodiscard]] tl::expected<Secret, std::string> open(std::string_view message, std::string_view clientId);

  /// Whether `open` gives a secret. Each message is really opened once; after that the answer is remembered
  /// (never the secret) until a file of the key changes: a cycle asks this of every client that is missing.
  [[nodiscard]] tl::expected<void, std::string> check(std::string_view message, std::string_view clientId);

 private:
  using Opened = tl::expected<Secret, OpeningFault>;
  struct Hash {
    std::size_t operator()(const Fingerprint& fingerprint) const { return fingerprint.low; }
  };
  struct Files {  ///< what both files were when they were read
    struct stat key {};
    struct stat passphrase {};
  };
  [[nodiscard]] Files look() const;
  [[nodiscard]] static bool same(const Files& a, const Files& b);
  [[nodiscard]] tl::expected<std::unique_ptr<PrivateKey>, OpeningFault> load() const;
  /// Loads the key where it has changed, or could not be had a while ago.
  void refresh();
  /// No message waits for a gpg or an agent that does not answer, for a while: then they are started anew.
  void giveUp(const OpeningFault& fault);
  [[nodiscard]] Opened openNow(std::string_view message, std::string_view clientId);
  void remember(const Fingerprint& message, const Opened& opened);

  const DecryptorOptions options_;
  std::mutex mutex_;  ///< guards all below; GPGME's mutex is taken under it
  bool tried_ = false;
  Files files_;
  std::chrono::steady_clock::time_point loadedAt_;
  tl::expected<std::unique_ptr<PrivateKey>, OpeningFault> key_;
  std::unordered_map<Fingerprint, std::string, Hash> answers_;  ///< why not; "" for what can be opened
};

}  // namespace hydra_clients::secrets

#pragma once

// What a commit's signature must be before the commit is read, and what a person reads where it is not. Pure:
// nothing here talks to gpg.

#include <optional>
#include <string>
#include <string_view>

#include <gpgme.h>
#include <tl/expected.hpp>

#include "secrets/key_expiry.h"

namespace hydra_clients::secrets {

/// The largest signature that is looked at; one by RSA of 4096 bits has 1 KiB.
inline constexpr std::size_t kMaxSignatureBytes = 64 << 10;

/// Why a signature does not count.
struct SignatureFault {
  std::string words;  ///< what is wrong with it and what to do
  /// No verdict: the keyring cannot be read, or gpg does not answer. The next try may end otherwise.
  bool undecided = false;
};

/// A signature that holds.
struct GoodSignature {
  std::string key;               ///< "the key FINGERPRINT (USER ID)"
  std::optional<WallTime> ends;  ///< when it holds no more: the key's end, or its own
};

/// What gpg says of one signature.
struct SignatureStatus {
  gpgme_error_t status = GPG_ERR_NO_ERROR;
  std::string key;         ///< the fingerprint of the key or subkey that made it, else its key ID
  unsigned long ends = 0;  ///< its own, seconds since 1970; 0 for never
};

/// Refuses, before gpg sees it, what is no OpenPGP signature: none at all, an SSH key's, a certificate's, one
/// that is too large.
[[nodiscard]] tl::expected<void, std::string> checkSignatureBytes(std::string_view signature);

/// Refuses a block that gpg finds no signature in, or more than one, as `git verify-commit` does.
[[nodiscard]] tl::expected<SignatureStatus, SignatureFault> onlySignature(
    const _gpgme_op_verify_result& result);

/// Whether the signature holds. `owner`: the key that made it; null where it is not in the keyring. `keyring`
/// is the keyring's name, for people.
[[nodiscard]] tl::expected<GoodSignature, SignatureFault> judge(const SignatureStatus& signature,
                                                                const _gpgme_key* owner,
                                                                const std::string& keyring);

/// What is worth a warning: the signature holds no more within kKeyEndsSoon. "" otherwise.
[[nodiscard]] std::string endsSoon(const GoodSignature& signature, const std::string& keyring, WallTime now);

}  // namespace hydra_clients::secrets

#pragma once

// What a key must be before a secret may be sealed for it, and what a person reads where it is not. Pure:
// nothing here talks to gpg.

#include <string>
#include <string_view>

#include <gpgme.h>
#include <tl/expected.hpp>

#include "secrets/pgp.h"

namespace hydra_clients::secrets {

inline constexpr const char* kHoldsPrivateKey =
    "it holds a private key, which does not belong here; export the public one: gpg --armor --export KEY";

/// "the key FINGERPRINT (USER ID)", for people.
[[nodiscard]] std::string nameOf(const _gpgme_key& key);

/// Refuses what holds no public key to begin with: empty, a page of a web server, a private key. Nothing is
/// quoted from it.
[[nodiscard]] tl::expected<void, std::string> checkPublic(std::string_view bytes);

/// Refuses, before gpg sees it, what is no public key at all: empty, too large, a page of a web server, a
/// private key. Nothing is quoted from `key`.
[[nodiscard]] tl::expected<void, std::string> checkKeyBytes(std::string_view key);

/// Refuses an import that found no key, or more than one, or a private one. `engine` is GnuPG's version.
/// The value is the fingerprint of the one key.
[[nodiscard]] tl::expected<std::string, std::string> checkImport(const _gpgme_op_import_result& result,
                                                                 std::string_view engine);

/// Refuses a key that cannot be encrypted to now: revoked, expired, disabled, without a usable encryption
/// key.
[[nodiscard]] tl::expected<Recipient, std::string> checkRecipient(const _gpgme_key& key);

}  // namespace hydra_clients::secrets

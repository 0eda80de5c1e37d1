#pragma once

// Keys and certificates as a manifest states them, made anew by each test.

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "client/json.h"

namespace hydra_clients::manifest {

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyFree>;

/// `form`: "RSA", "P-256", "P-384", "P-521" or "ED25519".
Key makeKey(const std::string& form);

/// The public members of it (RFC 7517); with `isPrivate` the others too.
json::Value webKeyOf(const Key& key, bool isPrivate = false);

/// DER of a certificate of this key, signed by itself.
std::string certificateOf(const Key& key);

/// RFC 4648 §5, without padding.
std::string base64Url(std::string_view bytes);

}  // namespace hydra_clients::manifest

#pragma once

// The arithmetic behind web_key.h, by OpenSSL. Numbers are big-endian bytes; leading zeros mean nothing where
// nothing else is said.

#include <optional>
#include <string>
#include <string_view>

namespace hydra_clients::manifest {

/// RFC 4648 §5 as Go reads it: line breaks are skipped, padding may stand at the end, unused bits mean
/// nothing.
[[nodiscard]] std::optional<std::string> decodeBase64Url(std::string_view text);
/// RFC 4648 §4, with its padding.
[[nodiscard]] std::optional<std::string> decodeBase64(std::string_view text);
[[nodiscard]] std::optional<std::string> decodeHex(std::string_view text);

[[nodiscard]] bool isOnCurve(std::string_view curve, std::string_view x, std::string_view y);

struct RsaCrt {
  std::string dp, dq, qi;
};
struct RsaNumbers {
  std::string n, e, d, p, q;
  std::optional<RsaCrt> crt;
};
/// What Go's crypto/rsa has against a private key, in words; "" for nothing.
[[nodiscard]] std::string_view whyNoRsaPrivateKey(const RsaNumbers& rsa);

/// DER.
[[nodiscard]] bool isCertificate(std::string_view der);
[[nodiscard]] bool certifiesRsa(std::string_view der, std::string_view n, std::string_view e);
[[nodiscard]] bool certifiesEc(std::string_view der, std::string_view curve, std::string_view x,
                               std::string_view y);
[[nodiscard]] bool certifiesEd25519(std::string_view der, std::string_view x);

[[nodiscard]] std::string sha1Of(std::string_view bytes);
[[nodiscard]] std::string sha256Of(std::string_view bytes);

}  // namespace hydra_clients::manifest

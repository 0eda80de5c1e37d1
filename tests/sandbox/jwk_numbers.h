// The arithmetic that go-jose does on keys while it reads them: is a point on its curve, do the parts of an
// RSA private key belong together, does a certificate hold the key beside it.
#pragma once

#include <string>
#include <string_view>

namespace sandbox {

/// Bytes without leading zeros, as big.Int.Bytes() gives them.
std::string without_leading_zeros(std::string_view bytes);

/// Whether (x, y) lies on "P-256", "P-384" or "P-521".
bool on_curve(std::string_view curve, std::string_view x, std::string_view y);

struct RsaParts {
  std::string n, e, d, p, q;
  std::string dp, dq, qi;  // the remainders and the coefficient: used only when all three are given
  bool has_remainders = false;
};
/// rsa.PrivateKey.Validate of Go 1.26: "" for a consistent key, or Go's words after "crypto/rsa: ".
std::string rsa_private_key_fault(const RsaParts& parts);

/// Whether `der` is an X.509 certificate that can be parsed.
bool is_certificate(std::string_view der);

/// SHA-1 and SHA-256 of `bytes`.
std::string sha1(std::string_view bytes);
std::string sha256(std::string_view bytes);

/// Whether the certificate's public key is the EC point, the RSA modulus and exponent, or the Ed25519 key
/// given.
bool certificate_holds_ec(std::string_view der, std::string_view curve, std::string_view x,
                          std::string_view y);
bool certificate_holds_rsa(std::string_view der, std::string_view n, std::string_view e);
bool certificate_holds_ed25519(std::string_view der, std::string_view x);

}  // namespace sandbox

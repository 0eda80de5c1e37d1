#include "jwk_numbers.h"

#include <array>
#include <memory>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

namespace sandbox {
namespace {

struct Free {
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(BN_CTX* p) const { BN_CTX_free(p); }
  void operator()(EC_GROUP* p) const { EC_GROUP_free(p); }
  void operator()(EC_POINT* p) const { EC_POINT_free(p); }
  void operator()(X509* p) const { X509_free(p); }
};
using Number = std::unique_ptr<BIGNUM, Free>;
using Context = std::unique_ptr<BN_CTX, Free>;
using Certificate = std::unique_ptr<X509, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number number(std::string_view bytes) {
  return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

Number minus_one(const BIGNUM* value) {
  Number copy(BN_dup(value));
  BN_sub_word(copy.get(), 1);
  return copy;
}

Certificate parse_certificate(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  Certificate parsed(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (parsed && at != bytes_of(der) + der.size()) return nullptr;
  return parsed;
}

std::string bytes_of_number(const BIGNUM* value) {
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
  BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

/// A number of a public key, without leading zeros; "" where the key has no such part.
std::string part_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* part = nullptr;
  if (key == nullptr || EVP_PKEY_get_bn_param(key, name, &part) != 1) return {};
  const Number owned(part);
  return bytes_of_number(part);
}

}  // namespace

std::string without_leading_zeros(std::string_view bytes) {
  const auto first = bytes.find_first_not_of('\0');
  return first == std::string_view::npos ? std::string{} : std::string(bytes.substr(first));
}

bool on_curve(std::string_view curve, std::string_view x, std::string_view y) {
  const int id = curve == "P-256" ? NID_X9_62_prime256v1 : curve == "P-384" ? NID_secp384r1 : NID_secp521r1;
  const std::unique_ptr<EC_GROUP, Free> group(EC_GROUP_new_by_curve_name(id));
  const std::unique_ptr<EC_POINT, Free> point(EC_POINT_new(group.get()));
  const Context context(BN_CTX_new());
  return EC_POINT_set_affine_coordinates(group.get(), point.get(), number(x).get(), number(y).get(),
                                         context.get()) == 1;
}

std::string rsa_private_key_fault(const RsaParts& parts) {
  const Context context(BN_CTX_new());
  const Number n = number(parts.n);
  const Number e = number(parts.e);
  const Number d = number(parts.d);
  if (!BN_is_odd(n.get())) return "public modulus is even";
  if (BN_is_zero(e.get()) || BN_is_one(e.get())) return "public exponent too small or negative";
  if (!BN_is_odd(e.get())) return "public exponent is even";
  if (BN_num_bits(e.get()) > 31) return "public exponent too large";
  const Number p = number(parts.p);
  const Number q = number(parts.q);
  const Number product(BN_new());
  BN_mul(product.get(), p.get(), q.get(), context.get());
  if (BN_cmp(product.get(), n.get()) != 0) return "p * q != n";
  struct Half {
    const BIGNUM* prime;
    const std::string& given;
    const char* mismatch;
  };
  const auto half_fault = [&](const Half& half) -> std::string {
    const Number order = minus_one(half.prime);
    if (BN_is_zero(order.get()) || BN_is_negative(order.get())) return "invalid prime";
    const Number expected(BN_new());
    BN_mod(expected.get(), d.get(), order.get(), context.get());
    const Number remainder = parts.has_remainders ? number(half.given) : Number(BN_dup(expected.get()));
    const Number one(BN_new());
    BN_mod_mul(one.get(), e.get(), remainder.get(), order.get(), context.get());
    if (BN_cmp(remainder.get(), order.get()) >= 0 || !BN_is_one(one.get())) return "invalid CRT exponent";
    return BN_cmp(remainder.get(), expected.get()) == 0 ? "" : half.mismatch;
  };
  std::string mismatch;
  for (const Half& half :
       {Half{p.get(), parts.dp, "d does not match dP"}, Half{q.get(), parts.dq, "d does not match dQ"}}) {
    std::string what = half_fault(half);
    if (what.starts_with("invalid")) return what;
    if (mismatch.empty()) mismatch = what;
  }
  if (parts.has_remainders) {
    const Number coefficient = number(parts.qi);
    const Number one(BN_new());
    BN_mod_mul(one.get(), coefficient.get(), q.get(), p.get(), context.get());
    if (!BN_is_one(one.get())) return "invalid CRT coefficient";
  }
  return mismatch;
}

bool is_certificate(std::string_view der) { return parse_certificate(der) != nullptr; }

std::string sha1(std::string_view bytes) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(bytes_of(bytes), bytes.size(), digest.data());
  return {digest.begin(), digest.end()};
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(bytes_of(bytes), bytes.size(), digest.data());
  return {digest.begin(), digest.end()};
}

bool certificate_holds_ec(std::string_view der, std::string_view curve, std::string_view x,
                          std::string_view y) {
  const Certificate certificate = parse_certificate(der);
  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  if (key == nullptr) return false;
  std::array<char, 64> name{};
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(), nullptr) != 1)
    return false;
  const std::string_view expected = curve == "P-256"   ? "prime256v1"
                                    : curve == "P-384" ? "secp384r1"
                                                       : "secp521r1";
  return expected == name.data() && part_of(key, OSSL_PKEY_PARAM_EC_PUB_X) == without_leading_zeros(x) &&
         part_of(key, OSSL_PKEY_PARAM_EC_PUB_Y) == without_leading_zeros(y);
}

bool certificate_holds_rsa(std::string_view der, std::string_view n, std::string_view e) {
  const Certificate certificate = parse_certificate(der);
  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  return key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1 && part_of(key, OSSL_PKEY_PARAM_RSA_N) == n &&
         part_of(key, OSSL_PKEY_PARAM_RSA_E) == e;
}

bool certificate_holds_ed25519(std::string_view der, std::string_view x) {
  const Certificate certificate = parse_certificate(der);
  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  std::array<unsigned char, 32> raw{};
  std::size_t size = raw.size();
  return key != nullptr && EVP_PKEY_is_a(key, "ED25519") == 1 &&
         EVP_PKEY_get_raw_public_key(key, raw.data(), &size) == 1 && std::string(raw.begin(), raw.end()) == x;
}

}  // namespace sandbox

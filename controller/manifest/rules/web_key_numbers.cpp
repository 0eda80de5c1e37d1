#include "manifest/rules/web_key_numbers.h"

#include <array>
#include <memory>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "client/hex.h"

namespace hydra_clients::manifest {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Big = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using BigContext = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
using Group = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Big big(std::string_view bytes) {
  return Big(BN_bin2bn(bytesOf(bytes), static_cast<int>(bytes.size()), nullptr));
}

int valueOf(char c, std::string_view lastTwo) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == lastTwo[0] ? 62 : c == lastTwo[1] ? 63 : -1;
}

/// The bytes of characters without padding; nullopt where one is strange, or one is left over.
std::optional<std::string> decode(std::string_view text, std::string_view lastTwo) {
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t characters = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\n') continue;
    const int value = valueOf(c, lastTwo);
    if (value < 0) return std::nullopt;
    ++characters;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>((bits >> held) & 0xFFU);
  }
  if (characters % 4 == 1) return std::nullopt;
  return bytes;
}

Certificate parse(std::string_view der) {
  const unsigned char* at = bytesOf(der);
  Certificate parsed(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  return parsed && at == bytesOf(der) + der.size() ? std::move(parsed) : nullptr;
}

/// Whether a number of a public key is this one.
bool isPart(const EVP_PKEY* key, const char* name, std::string_view bytes) {
  BIGNUM* part = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &part) != 1) return false;
  const Big owned(part);
  return BN_cmp(owned.get(), big(bytes).get()) == 0;
}

std::string digestOf(std::string_view bytes, const EVP_MD* algorithm) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, algorithm, nullptr);
  return {digest.begin(), digest.begin() + size};
}

/// Whether e and the exponent of one prime undo each other, and that exponent is d's.
std::string_view whyNotForPrime(const RsaNumbers& rsa, const Big& prime, const std::string* stated) {
  const BigContext context(BN_CTX_new());
  const Big order(BN_dup(prime.get()));
  BN_sub_word(order.get(), 1);
  if (BN_is_zero(order.get()) || BN_is_negative(order.get()))
    return "does not go with p and q: one of them is no prime";
  const Big expected(BN_new());
  BN_mod(expected.get(), big(rsa.d).get(), order.get(), context.get());
  const Big exponent = stated != nullptr ? big(*stated) : Big(BN_dup(expected.get()));
  const Big one(BN_new());
  BN_mod_mul(one.get(), big(rsa.e).get(), exponent.get(), order.get(), context.get());
  if (BN_cmp(exponent.get(), order.get()) >= 0 || !BN_is_one(one.get())) return "does not go with e, p and q";
  return BN_cmp(exponent.get(), expected.get()) == 0 ? "" : "does not go with dp or dq";
}

}  // namespace

std::optional<std::string> decodeBase64Url(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  return decode(text, "-_");
}

std::optional<std::string> decodeBase64(std::string_view text) {
  std::size_t padding = 0;
  for (; text.ends_with('='); ++padding) text.remove_suffix(1);
  auto bytes = decode(text, "+/");
  if (!bytes || (bytes->size() + padding) % 3 != 0) return std::nullopt;
  return bytes;
}

std::optional<std::string> decodeHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hexValue(text[i]);
    const int low = hexValue(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

bool isOnCurve(std::string_view curve, std::string_view x, std::string_view y) {
  const int id = curve == "P-256" ? NID_X9_62_prime256v1 : curve == "P-384" ? NID_secp384r1 : NID_secp521r1;
  const Group group(EC_GROUP_new_by_curve_name(id));
  const Point point(EC_POINT_new(group.get()));
  const BigContext context(BN_CTX_new());
  return EC_POINT_set_affine_coordinates(group.get(), point.get(), big(x).get(), big(y).get(),
                                         context.get()) == 1;
}

std::string_view whyNoRsaPrivateKey(const RsaNumbers& rsa) {
  constexpr int kMostExponentBits = 31;
  const BigContext context(BN_CTX_new());
  const Big e = big(rsa.e);
  if (!BN_is_odd(big(rsa.n).get())) return "belongs to an n that is even";
  if (BN_is_one(e.get()) || !BN_is_odd(e.get()) || BN_num_bits(e.get()) > kMostExponentBits) {
    return "belongs to an e that no private key has: it must be odd, above 1, and below 2^31";
  }
  const Big p = big(rsa.p);
  const Big q = big(rsa.q);
  const Big product(BN_new());
  BN_mul(product.get(), p.get(), q.get(), context.get());
  if (BN_cmp(product.get(), big(rsa.n).get()) != 0) return "does not go with n: p times q is another number";
  const std::string* dp = rsa.crt ? &rsa.crt->dp : nullptr;
  const std::string* dq = rsa.crt ? &rsa.crt->dq : nullptr;
  if (const auto why = whyNotForPrime(rsa, p, dp); !why.empty()) return why;
  if (const auto why = whyNotForPrime(rsa, q, dq); !why.empty()) return why;
  if (!rsa.crt) return "";
  const Big one(BN_new());
  BN_mod_mul(one.get(), big(rsa.crt->qi).get(), q.get(), p.get(), context.get());
  return BN_is_one(one.get()) ? "" : "does not go with qi";
}

bool isCertificate(std::string_view der) { return parse(der) != nullptr; }

bool certifiesRsa(std::string_view der, std::string_view n, std::string_view e) {
  const Certificate certificate = parse(der);
  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  return key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1 && isPart(key, OSSL_PKEY_PARAM_RSA_N, n) &&
         isPart(key, OSSL_PKEY_PARAM_RSA_E, e);
}

bool certifiesEc(std::string_view der, std::string_view curve, std::string_view x, std::string_view y) {
  const Certificate certificate = parse(der);
  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  std::array<char, 64> group{};
  const bool named =
      key != nullptr && EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(),
                                                       group.size(), nullptr) == 1;
  const std::string_view expected = curve == "P-256"   ? SN_X9_62_prime256v1
                                    : curve == "P-384" ? SN_secp384r1
                                                       : SN_secp521r1;
  return named && expected == group.data() && isPart(key, OSSL_PKEY_PARAM_EC_PUB_X, x) &&
         isPart(key, OSSL_PKEY_PARAM_EC_PUB_Y, y);
}

bool certifiesEd25519(std::string_view der, std::string_view x) {
  const Certificate certificate = parse(der);
  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  std::array<unsigned char, 32> raw{};
  std::size_t size = raw.size();
  return key != nullptr && EVP_PKEY_is_a(key, "ED25519") == 1 &&
         EVP_PKEY_get_raw_public_key(key, raw.data(), &size) == 1 && std::string(raw.begin(), raw.end()) == x;
}

std::string sha1Of(std::string_view bytes) { return digestOf(bytes, EVP_sha1()); }
std::string sha256Of(std::string_view bytes) { return digestOf(bytes, EVP_sha256()); }

}  // namespace hydra_clients::manifest

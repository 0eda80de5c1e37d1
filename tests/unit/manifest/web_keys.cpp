#include "web_keys.h"

#include <array>
#include <stdexcept>
#include <vector>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "client/base64.h"

namespace hydra_clients::manifest {
namespace {

std::string numberOf(const Key& key, const char* name, std::size_t size = 0) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key.get(), name, &number) != 1) throw std::runtime_error(name);
  std::vector<unsigned char> bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : size);
  BN_bn2binpad(number, bytes.data(), static_cast<int>(bytes.size()));
  BN_clear_free(number);
  return {bytes.begin(), bytes.end()};
}

struct Part {
  const char* name;
  const char* parameter;
};
constexpr std::array<Part, 2> kRsaPublic = {{{"n", OSSL_PKEY_PARAM_RSA_N}, {"e", OSSL_PKEY_PARAM_RSA_E}}};
constexpr std::array<Part, 6> kRsaPrivate = {{{"d", OSSL_PKEY_PARAM_RSA_D},
                                              {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
                                              {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
                                              {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
                                              {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
                                              {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}}};

void addNumber(json::Value& members, const Key& key, const Part& part, std::size_t size = 0) {
  members.add(part.name, json::Value::string(base64Url(numberOf(key, part.parameter, size))));
}

json::Value rsaOf(const Key& key, bool isPrivate) {
  json::Value members = json::Value::object();
  members.add("kty", json::Value::string("RSA"));
  for (const Part& part : kRsaPublic) addNumber(members, key, part);
  if (isPrivate) {
    for (const Part& part : kRsaPrivate) addNumber(members, key, part);
  }
  return members;
}

json::Value ecOf(const Key& key, bool isPrivate) {
  const auto size = static_cast<std::size_t>((EVP_PKEY_get_bits(key.get()) + 7) / 8);
  json::Value members = json::Value::object();
  members.add("kty", json::Value::string("EC"));
  members.add("crv", json::Value::string(size == 32 ? "P-256" : size == 48 ? "P-384" : "P-521"));
  addNumber(members, key, {"x", OSSL_PKEY_PARAM_EC_PUB_X}, size);
  addNumber(members, key, {"y", OSSL_PKEY_PARAM_EC_PUB_Y}, size);
  if (isPrivate) addNumber(members, key, {"d", OSSL_PKEY_PARAM_PRIV_KEY}, size);
  return members;
}

json::Value ed25519Of(const Key& key) {
  std::array<unsigned char, 32> raw{};
  std::size_t size = raw.size();
  EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &size);
  json::Value members = json::Value::object();
  members.add("kty", json::Value::string("OKP")).add("crv", json::Value::string("Ed25519"));
  return members.add("x", json::Value::string(base64Url(std::string(raw.begin(), raw.end()))));
}

}  // namespace

Key makeKey(const std::string& form) {
  EVP_PKEY* made = form == "RSA"       ? EVP_RSA_gen(1024)
                   : form == "ED25519" ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                       : EVP_EC_gen(form.c_str());
  if (made == nullptr) throw std::runtime_error("no key of the form " + form);
  return Key(made);
}

json::Value webKeyOf(const Key& key, bool isPrivate) {
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1) return rsaOf(key, isPrivate);
  if (EVP_PKEY_is_a(key.get(), "EC") == 1) return ecOf(key, isPrivate);
  return ed25519Of(key);
}

std::string certificateOf(const Key& key) {
  constexpr long kDay = 24L * 60 * 60;
  const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDay);
  X509_set_pubkey(certificate.get(), key.get());
  // Ed25519 has its digest in itself.
  X509_sign(certificate.get(), key.get(), EVP_PKEY_is_a(key.get(), "ED25519") == 1 ? nullptr : EVP_sha256());
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  if (size <= 0) throw std::runtime_error("a certificate cannot be made");
  std::string bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

std::string base64Url(std::string_view bytes) {
  std::string text = base64(bytes);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (text.ends_with('=')) text.pop_back();
  return text;
}

}  // namespace hydra_clients::manifest

#include "certificates.h"

#include <cstdio>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace hydra_clients::test {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;

struct Closer {
  void operator()(FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, Closer>;

File open(const std::string& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode));
  if (!file) throw std::runtime_error("cannot open " + path);
  return file;
}

void extend(X509* certificate, X509* issuer, int extension, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>> made(
      X509V3_EXT_conf_nid(nullptr, &context, extension, value.c_str()));
  if (!made || X509_add_ext(certificate, made.get(), -1) != 1) throw std::runtime_error("extension " + value);
}

}  // namespace

void makeCertificate(const std::string& folder, const CertificateRequest& request) {
  constexpr long kDay = 24L * 60 * 60;
  static long serial = 1;
  std::string curve = "P-256";
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve.data()));
  const Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), request.firstDay * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), request.lastDay * kDay);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(request.name.c_str()), -1, -1, 0);

  Key issuerKey;
  Certificate issuer;
  if (!request.issuer.empty()) {
    issuerKey.reset(PEM_read_PrivateKey(open(folder + "/" + request.issuer + ".key", "r").get(), nullptr,
                                        nullptr, nullptr));
    issuer.reset(
        PEM_read_X509(open(folder + "/" + request.issuer + ".pem", "r").get(), nullptr, nullptr, nullptr));
  }
  X509* signer = issuer ? issuer.get() : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  extend(certificate.get(), signer, NID_basic_constraints,
         request.isAuthority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!request.alternativeNames.empty()) {
    extend(certificate.get(), signer, NID_subject_alt_name, request.alternativeNames);
  }
  if (X509_sign(certificate.get(), issuerKey ? issuerKey.get() : key.get(), EVP_sha256()) == 0) {
    throw std::runtime_error("cannot sign " + request.name);
  }
  PEM_write_X509(open(folder + "/" + request.name + ".pem", "w").get(), certificate.get());
  PEM_write_PrivateKey(open(folder + "/" + request.name + ".key", "w").get(), key.get(), nullptr, nullptr, 0,
                       nullptr, nullptr);
}

}  // namespace hydra_clients::test

#include "hydra/tls_trust.h"

#include <array>
#include <cstring>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace hydra_clients::hydra {
namespace {

using Fault = tl::unexpected<std::string>;

constexpr int kMostNamesShown = 5;

std::string opensslReason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown reason" : reason;
}

std::string textOf(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

/// An iPAddress of a subjectAltName: 4 or 16 bytes.
std::string addressText(const ASN1_STRING* string) {
  std::unique_ptr<char, void (*)(char*)> text(
      i2s_ASN1_OCTET_STRING(nullptr, string), +[](char* bytes) { OPENSSL_free(bytes); });
  const unsigned char* bytes = ASN1_STRING_get0_data(string);
  if (ASN1_STRING_length(string) != 4) return text ? text.get() : "an address";
  std::string out;
  for (int i = 0; i < 4; ++i) out += (i == 0 ? "" : ".") + std::to_string(bytes[i]);
  return out;
}

/// The DNS names and addresses that a certificate is made out to; no control characters.
std::string namesOf(X509* certificate) {
  std::string out;
  auto* names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names) && i < kMostNamesShown; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    if (!out.empty()) out += ", ";
    out += name->type == GEN_DNS ? textOf(name->d.dNSName) : addressText(name->d.iPAddress);
  }
  GENERAL_NAMES_free(names);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return out;
}

std::string expiryOf(X509* certificate) {
  std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  if (!memory || ASN1_TIME_print(memory.get(), X509_get0_notAfter(certificate)) != 1) return {};
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace

tl::expected<std::shared_ptr<TlsTrust>, std::string> TlsTrust::make(const ConnectionOptions& options) {
  if (options.clientCertFile.empty() != options.clientKeyFile.empty()) {
    return Fault("a client certificate needs both --tls-cert and --tls-key");
  }
  std::shared_ptr<TlsTrust> trust(new TlsTrust(options));
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> trial(SSL_CTX_new(TLS_client_method()),
                                                                SSL_CTX_free);
  if (!trial) return Fault("cannot set up TLS: " + opensslReason());
  if (std::string error = trust->configure(trial.get()); !error.empty()) return Fault(error);
  return trust;
}

std::string TlsTrust::configure(SSL_CTX* context) {
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cert_verify_callback(context, &TlsTrust::verify, this);
  if (!options_.caFile.empty()) {
    SSL_CTX_set_cert_store(context, X509_STORE_new());  // in place of the system's
    if (SSL_CTX_load_verify_file(context, options_.caFile.c_str()) != 1) {
      return "cannot read CA certificates (PEM) from " + options_.caFile + ": " + opensslReason();
    }
  }
  if (options_.clientCertFile.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context, options_.clientCertFile.c_str()) != 1) {
    return "cannot read a client certificate (PEM) from " + options_.clientCertFile + ": " + opensslReason();
  }
  // A key that is protected by a passphrase would ask for it on the terminal.
  SSL_CTX_set_default_passwd_cb(
      context, +[](char*, int, int, void*) { return 0; });
  const bool isRead =
      SSL_CTX_use_PrivateKey_file(context, options_.clientKeyFile.c_str(), SSL_FILETYPE_PEM) == 1;
  const bool isOfAnother = !isRead && ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH;
  if (!isRead && !isOfAnother) {
    return "cannot read a private key (PEM, without a passphrase) from " + options_.clientKeyFile + ": " +
           opensslReason();
  }
  // A key of another algorithm is seen here only.
  if (isOfAnother || SSL_CTX_check_private_key(context) != 1) {
    return "the private key in " + options_.clientKeyFile + " does not belong to the certificate in " +
           options_.clientCertFile;
  }
  return {};
}

int TlsTrust::verify(X509_STORE_CTX* verification, void* self) {
  const int verdict = X509_verify_cert(verification);
  if (verdict <= 0) static_cast<TlsTrust*>(self)->rememberFailure(verification);
  return verdict;
}

void TlsTrust::rememberFailure(X509_STORE_CTX* verification) {
  X509* leaf = X509_STORE_CTX_get0_cert(verification);
  X509* current = X509_STORE_CTX_get_current_cert(verification);
  const std::lock_guard lock(mutex_);
  lastVerifyError_ = X509_STORE_CTX_get_error(verification);
  lastNames_ = leaf == nullptr ? std::string() : namesOf(leaf);
  lastExpiry_ = current == nullptr ? std::string() : expiryOf(current);
}

std::string TlsTrust::explainCertificate() const {
  const std::lock_guard lock(mutex_);
  switch (lastVerifyError_) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "its certificate has expired (" + lastExpiry_ + "): renew it";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate is not valid yet: are both clocks right?";
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED:
    case X509_V_ERR_APPLICATION_VERIFICATION:
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "its certificate is made out to " + (lastNames_.empty() ? "no name" : lastNames_) + ", not to " +
             options_.endpoint.host + ": use a name that stands in the certificate";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return std::string(
                 "its certificate is not signed by a CA that is trusted here: give the CA's certificate "
                 "with ") +
             "--ca-file FILE";
    default:
      return std::string("its certificate is not accepted: ") +
             X509_verify_cert_error_string(lastVerifyError_);
  }
}

TlsTrust::Refusal TlsTrust::explain(unsigned long sslError) const {
  if (ERR_GET_LIB(sslError) != ERR_LIB_SSL) {
    return {false,
            "the connection ended during the TLS handshake: is this a TLS port? (http:// speaks plain HTTP)"};
  }
  const int reason = ERR_GET_REASON(sslError);
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) return {true, explainCertificate()};
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
      reason == SSL_R_PACKET_LENGTH_TOO_LONG || reason == SSL_R_RECORD_LENGTH_MISMATCH ||
      reason == SSL_R_UNKNOWN_PROTOCOL) {
    return {true, "it does not speak TLS on this port: use http:// instead of https://, or the TLS port"};
  }
  if (isClientCertificateAlert(sslError)) {
    return {true, options_.clientCertFile.empty()
                      ? "it asks for a client certificate: give one with --tls-cert FILE and --tls-key FILE"
                      : "it does not accept the client certificate in " + options_.clientCertFile};
  }
  const char* text = ERR_reason_error_string(sslError);
  return {true, std::string("the TLS handshake failed: ") + (text == nullptr ? "unknown reason" : text)};
}

bool TlsTrust::isClientCertificateAlert(unsigned long sslError) {
  if (ERR_GET_LIB(sslError) != ERR_LIB_SSL) return false;
  switch (ERR_GET_REASON(sslError)) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
      return true;
    default:
      return false;
  }
}

}  // namespace hydra_clients::hydra

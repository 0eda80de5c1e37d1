#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <openssl/ssl.h>
#include <tl/expected.hpp>

#include "hydra/endpoint.h"

namespace hydra_clients::hydra {

/// Whom a TLS connection trusts and who it says it is, and why the last one was refused. Thread-safe.
class TlsTrust {
 public:
  /// Reads the files once, so that a wrong one is told before the first request; fails in words.
  static tl::expected<std::shared_ptr<TlsTrust>, std::string> make(const ConnectionOptions& options);

  /// Applies the options to a new context. Files are read again, so that a rotated CA or certificate is
  /// taken. Returns "" or what is wrong, in words. The context must not outlive this object.
  [[nodiscard]] std::string configure(SSL_CTX* context);

  /// Words for a failed handshake. `sslError` is OpenSSL's packed error, or another number where the
  /// connection ended otherwise.
  struct Refusal {
    bool permanent = false;  ///< someone must act: a certificate, a flag, another port
    std::string message;
  };
  [[nodiscard]] Refusal explain(unsigned long sslError) const;

  /// Whether this error, met while the response was awaited, is the server's refusal of our (missing) client
  /// certificate: TLS 1.3 tells it only after the handshake, and no request is looked at then.
  [[nodiscard]] static bool isClientCertificateAlert(unsigned long sslError);

 private:
  explicit TlsTrust(const ConnectionOptions& options) : options_(options) {}
  [[nodiscard]] std::string explainCertificate() const;
  void rememberFailure(X509_STORE_CTX* verification);
  static int verify(X509_STORE_CTX* verification, void* self);

  ConnectionOptions options_;
  mutable std::mutex mutex_;  ///< guards what follows
  int lastVerifyError_ = 0;
  std::string lastNames_;  ///< the names in the certificate that was refused
  std::string lastExpiry_;
};

}  // namespace hydra_clients::hydra

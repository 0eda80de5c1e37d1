#include "telemetry/tls_identity.h"

#include <openssl/ssl.h>

#include "telemetry/log.h"

namespace hydra_clients::telemetry {
namespace {

namespace ssl = boost::asio::ssl;
using Error = boost::system::error_code;

/// Of TLS 1.2 (those of 1.3 are all such): a key of each connection's own, so that the certificate's key,
/// once it is stolen, opens nothing that was recorded, and ciphers that authenticate what they encrypt.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

std::string problemWith(const std::string& file, const Error& error) {
  return file + " cannot be used: " + error.message();
}

}  // namespace

tl::expected<std::unique_ptr<TlsIdentity>, std::string> TlsIdentity::fromFiles(std::string certificates,
                                                                               std::string key) {
  std::unique_ptr<TlsIdentity> identity(new TlsIdentity(std::move(certificates), std::move(key)));
  if (auto problem = identity->read()) return tl::make_unexpected(std::move(*problem));
  return identity;
}

std::shared_ptr<ssl::context> TlsIdentity::current() {
  if (identities() != seen_) {
    if (const auto problem = read()) {
      logWarning("the status server's certificate stays as it was", {{"problem", *problem}});
    } else {
      logInfo("the status server's certificate was read again", {{"file", certificates_}});
    }
  }
  return context_;
}

std::optional<std::string> TlsIdentity::read() {
  seen_ = identities();
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context->native_handle(), kCiphers);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  Error error;
  // A key with a passphrase is an error: OpenSSL would ask the terminal for it.
  context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); },
                                 error);
  if (!error) context->use_certificate_chain_file(certificates_, error);
  if (error) return problemWith(certificates_, error);
  context->use_private_key_file(key_, ssl::context::pem, error);
  if (error) return problemWith(key_, error);
  context_ = std::move(context);
  return std::nullopt;
}

}  // namespace hydra_clients::telemetry

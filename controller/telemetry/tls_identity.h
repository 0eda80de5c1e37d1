#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ssl/context.hpp>
#include <tl/expected.hpp>

#include "telemetry/file_identity.h"

namespace hydra_clients::telemetry {

/// The certificate and the key that a server shows, from PEM files that are read again when they change. Used
/// by one thread.
class TlsIdentity {
 public:
  /// `certificates`: the server's own, then those between it and its root. The error says what is wrong.
  [[nodiscard]] static tl::expected<std::unique_ptr<TlsIdentity>, std::string> fromFiles(
      std::string certificates, std::string key);

  /// For a new connection. While the files cannot be used, as between the writing of one and of the other,
  /// those that were read last hold.
  [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> current();

 private:
  using Identities = std::pair<std::optional<FileIdentity>, std::optional<FileIdentity>>;

  TlsIdentity(std::string certificates, std::string key)
      : certificates_(std::move(certificates)), key_(std::move(key)) {}
  [[nodiscard]] Identities identities() const {
    return {FileIdentity::of(certificates_), FileIdentity::of(key_)};
  }
  std::optional<std::string> read();

  std::string certificates_;
  std::string key_;
  Identities seen_;
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace hydra_clients::telemetry

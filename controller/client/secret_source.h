#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "client/secret.h"

namespace hydra_clients {

/// What the name of a variable that a manifest refers to begins with, where nobody says otherwise.
inline constexpr std::string_view kSecretsEnvPrefix = "HYDRA_CLIENTS_SECRET_";

/// Where a client's secret comes from, as its manifest says.
struct NoSecret {};         ///< auth method `none` or `private_key_jwt`, and none is stated
struct GeneratedSecret {};  ///< a confidential client without a stated secret: the controller makes one
struct StatedSecret {       ///< `client_secret` stands in the manifest
  SharedSecret secret;
};
struct SecretReference {  ///< `client_secret_from`, resolved when the client is imported
  enum class Kind { kFile, kEnvironment, kPgp };
  Kind kind = Kind::kFile;
  std::string value;  ///< a path, a variable's name, or an ASCII-armored PGP message
};

using SecretSource = std::variant<NoSecret, GeneratedSecret, StatedSecret, SecretReference>;

/// Whether both would give the same secret, as far as the manifests tell: references are compared, not
/// resolved.
[[nodiscard]] bool sameSource(const SecretSource& a, const SecretSource& b);

}  // namespace hydra_clients

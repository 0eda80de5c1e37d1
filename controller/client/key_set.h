#pragma once

#include <string>

#include "client/json.h"

namespace hydra_clients {

/// A JSON Web Key Set in one form for all that Hydra stores alike (RFC 7517; go-jose as Hydra uses it): only
/// the members that Hydra keeps, numbers without leading zeros and by value however their base64url was
/// written, keys as a set. A digest, since a set may hold private keys. "" where Hydra stores no set at all.
[[nodiscard]] std::string canonicalKeySet(const json::Value& value);

}  // namespace hydra_clients

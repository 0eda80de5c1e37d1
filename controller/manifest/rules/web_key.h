#pragma once

#include <string>
#include <vector>

#include "client/hydra_version.h"
#include "client/json.h"

namespace hydra_clients::manifest {

/// What Hydra has against one key of a key set.
struct WebKeyFault {
  std::string member;   ///< of the key; "" for the key as a whole
  std::string message;  ///< never holds a value of the key
};

/// Every reason for which this Hydra refuses the key (RFC 7517, RFC 7518, RFC 8037), stores it in another
/// form, or, before v2.2, stores it and can then list it no more. Source: go-jose v2 and v3
/// (JSONWebKey.UnmarshalJSON and Valid) and Go's crypto/rsa, as real Hydras answer (hydra-admin-api §0a,
/// §0b).
[[nodiscard]] std::vector<WebKeyFault> faultsOf(const json::Value& key, const HydraVersion& hydra);

/// Whether the key holds a private or symmetric part, which Hydra stores and shows to everybody with access
/// to its admin API.
[[nodiscard]] bool isPrivate(const json::Value& key);

}  // namespace hydra_clients::manifest

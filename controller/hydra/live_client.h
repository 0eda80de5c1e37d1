#pragma once

#include <tl/expected.hpp>

#include "client/client_id.h"
#include "client/json.h"

namespace hydra_clients::hydra {

/// Drops `client_secret` and `registration_access_token` from a client that Hydra sent, and wipes them.
void dropSecrets(json::Value& client);

/// The client's id; nullptr where the value is no object with a string `client_id`.
[[nodiscard]] const ClientId* idOf(const json::Value& client);

}  // namespace hydra_clients::hydra

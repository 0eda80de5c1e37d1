#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/json.h"
#include "client/secret.h"

namespace hydra_clients {

/// What one POST says of a client beyond its declared fields.
struct PostBodyParts {
  std::string_view fields;  ///< a JSON object of Hydra's fields, without client_id and client_secret
  std::optional<std::string_view> id;     ///< sent as client_id; none where Hydra is to assign it
  const Secret* secret = nullptr;         ///< sent as client_secret
  std::optional<std::string_view> stamp;  ///< put into metadata.hydra_clients.import (design §6)
};

/// The request body, in a type that cannot be printed. A stamp needs `metadata` to be absent, null or an
/// object.
[[nodiscard]] SharedSecret makePostBody(const PostBodyParts& parts);

/// metadata.hydra_clients.import of a client; "" where it has none.
[[nodiscard]] std::string stampOf(const json::Value& client);

}  // namespace hydra_clients

#pragma once

#include <optional>
#include <string_view>

namespace hydra_clients::manifest {

/// What to tell an author who wrote this name, which Hydra's client model does not have and which people do
/// write (old Hydra versions, other servers, OpenID Connect registration). Nothing for other names.
[[nodiscard]] std::optional<std::string_view> adviceForFieldName(std::string_view written);

}  // namespace hydra_clients::manifest

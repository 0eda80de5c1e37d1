#pragma once

#include <string>

#include "client/client_id.h"
#include "client/json.h"

namespace hydra_clients {

/// The manifest of a live client, for adopting it: what Hydra holds of it and a manifest may hold, without
/// what goes without saying (empty fields, Hydra's defaults), without read-only fields and secrets. A
/// confidential client gets a client_secret_from that names an environment variable to be filled in. `scope`
/// always stands, since Hydra's default for it is its widest. In a fixed order; metadata as it is, but for
/// this program's stamp.
[[nodiscard]] json::Value exportedManifest(const json::Value& liveClient);

/// The environment variable that such a manifest names for a client's secret. Two ids do not share one (as
/// far as 64 bits of SHA-256 tell ids apart that are not plain).
[[nodiscard]] std::string secretVariableOf(const ClientId& id);

}  // namespace hydra_clients

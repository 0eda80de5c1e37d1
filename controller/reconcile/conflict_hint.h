#pragma once

#include <string>
#include <string_view>

#include "client/client_id.h"
#include "hydra/dialect.h"
#include "manifest/fault.h"

namespace hydra_clients::reconcile {

/// The two ways out of a conflict (design §2): what to change in the manifest, or the command that changes
/// the live client. `place`: of the manifest; `endpoint`: as Endpoint::text() gives it.
[[nodiscard]] std::string conflictHint(const ClientId& id, const manifest::Location& place,
                                       const hydra::Dialect& dialect, std::string_view endpoint);

/// That command, for a POSIX shell, with every word quoted that needs it; "" where this Hydra cannot address
/// the id by URL. It needs jq, and curl or hydra; it leaves out what only this program reads.
[[nodiscard]] std::string updateCommand(const ClientId& id, const manifest::Location& place,
                                        const hydra::Dialect& dialect, std::string_view endpoint);

}  // namespace hydra_clients::reconcile

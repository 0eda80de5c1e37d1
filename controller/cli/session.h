#pragma once

#include <memory>
#include <string>

#include "cli/connection_flags.h"
#include "hydra/admin_api.h"
#include "hydra/transport.h"

namespace hydra_clients::cli {

/// A way to one Hydra, open for the length of a command.
struct Session {
  hydra::ConnectionOptions options;
  std::unique_ptr<hydra::Transport> transport;
  std::unique_ptr<hydra::AdminApi> api;

  [[nodiscard]] std::string endpoint() const { return options.endpoint.text(); }
};

/// Opens a session from the flags and prints what is worth a warning. Throws UsageError for a mistake in the
/// flags, Failure where a file that they name cannot be read. `observer` is told of every request; may be
/// empty.
[[nodiscard]] Session openSession(const ConnectionFlags& flags, hydra::RequestObserver observer = {});

}  // namespace hydra_clients::cli

#include "cli/session.h"

#include <iostream>
#include <utility>

#include "cli/commands.h"

namespace hydra_clients::cli {

Session openSession(const ConnectionFlags& flags, hydra::RequestObserver observer) {
  auto options = flags.options();
  if (!options) throw UsageError(options.error());
  for (const std::string& warning : ConnectionFlags::warnings(*options)) {
    std::cerr << "hydra-clients: warning: " << warning << "\n";
  }
  if (const auto mistake = hydra::mistakeIn(*options)) throw UsageError(*mistake);
  auto transport = hydra::makeTransport(*options);
  if (!transport) throw Failure(transport.error());
  Session session;
  session.options = std::move(*options);
  session.transport =
      observer ? hydra::observed(std::move(*transport), std::move(observer)) : std::move(*transport);
  session.api = std::make_unique<hydra::AdminApi>(*session.transport);
  return session;
}

}  // namespace hydra_clients::cli

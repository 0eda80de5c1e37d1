#pragma once

#include <string>

namespace hydra_clients::secrets {

/// Ends the gpg-agent that serves the GNUPGHOME `home`, where one does: asks it to (KILLAGENT, GnuPG's
/// "Agent's Assuan Protocol"), and waits until it has hung up, two seconds at most. An agent that does not
/// answer ends by itself as soon as its folder is gone. Thread-safe.
void endAgentOf(const std::string& home);

}  // namespace hydra_clients::secrets

#pragma once

#include <string>

namespace hydra_clients {

/// Whether a host, without brackets and in lower case, is this machine by its name alone: localhost and what
/// is below it (RFC 6761), 127.0.0.0/8, ::1.
[[nodiscard]] bool isLoopbackHost(const std::string& host);

}  // namespace hydra_clients

#pragma once

// The two ways to an endpoint, behind makeTransport().

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "hydra/outgoing_headers.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

/// http:// and unix://, over sockets of our own. Everything but looking up a host's name runs on the sending
/// threads.
[[nodiscard]] tl::expected<std::unique_ptr<Transport>, std::string> makeSocketTransport(
    const ConnectionOptions& options, std::unique_ptr<OutgoingHeaders> headers);

/// https://, over cpprest. Its thread pool is sized here, once per process, to one thread.
[[nodiscard]] tl::expected<std::unique_ptr<Transport>, std::string> makeCpprestTransport(
    const ConnectionOptions& options, std::unique_ptr<OutgoingHeaders> headers);

}  // namespace hydra_clients::hydra

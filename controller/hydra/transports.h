#pragma once

// The two ways to an endpoint, behind makeTransport().

#include <memory>

#include <tl/expected.hpp>

#include "hydra/outgoing_headers.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

/// http:// and https://, over cpprest. Its thread pool is sized here, once per process, to one thread.
[[nodiscard]] tl::expected<std::unique_ptr<Transport>, std::string> makeCpprestTransport(
    const ConnectionOptions& options, std::unique_ptr<OutgoingHeaders> headers);

/// unix://, over Boost.Beast. Everything runs on the sending threads.
[[nodiscard]] std::unique_ptr<Transport> makeUnixTransport(const ConnectionOptions& options,
                                                           std::unique_ptr<OutgoingHeaders> headers);

}  // namespace hydra_clients::hydra

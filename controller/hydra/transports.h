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

// What both ways say in the same words.

/// Of a request that its time-out ended.
[[nodiscard]] TransportError timedOut(const ConnectionOptions& options, bool mayHaveArrived);
/// Where no descriptor could be had for the connection (EMFILE, ENFILE).
[[nodiscard]] TransportError outOfDescriptors(const ConnectionOptions& options);

}  // namespace hydra_clients::hydra

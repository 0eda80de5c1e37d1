#pragma once

// What both ways to an endpoint say in the same words.

#include <cstddef>
#include <optional>

#include "hydra/connection_slots.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

/// Of a request that its time-out ended.
[[nodiscard]] TransportError timedOut(const ConnectionOptions& options, bool mayHaveArrived);
/// Of a request that cancelAll() ended.
[[nodiscard]] TransportError stopped(const ConnectionOptions& options, bool mayHaveArrived);
/// Of a request that got no slot; nullopt where it has one.
[[nodiscard]] std::optional<TransportError> withoutSlot(ConnectionSlots::Outcome outcome,
                                                        const ConnectionOptions& options);
/// Where no descriptor could be had for the connection (EMFILE, ENFILE).
[[nodiscard]] TransportError outOfDescriptors(const ConnectionOptions& options);
/// Whether nobody in this process gets a descriptor: what fails of it (a look-up, cpprest) may not say so.
[[nodiscard]] bool descriptorsAreExhausted();

/// Of a host whose name has no address.
[[nodiscard]] TransportError cannotResolve(const ConnectionOptions& options);
/// Of a host and port that nobody could connect to.
[[nodiscard]] TransportError cannotConnect(const ConnectionOptions& options);

/// Of a connection that ended before the answer did, or before a byte of it had come.
[[nodiscard]] TransportError closed(const ConnectionOptions& options, bool mayHaveArrived, bool answerBegun);
/// Of an answer to `request` that is over a limit. `part` of it: "", or "'s head".
[[nodiscard]] TransportError tooLarge(const ConnectionOptions& options, const Request& request,
                                      std::size_t limit, const char* part = "");
/// Of an answer that is not HTTP.
[[nodiscard]] TransportError notHttp(const ConnectionOptions& options, bool mayHaveArrived);

}  // namespace hydra_clients::hydra

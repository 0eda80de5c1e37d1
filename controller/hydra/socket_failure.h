#pragma once

// What fails on a socket, in words that a person can act on.

#include <boost/system/error_code.hpp>

#include "hydra/stream_socket.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

/// Of a connection that was not to be had: an error of HostLookup or of StreamSocket::connect().
[[nodiscard]] TransportError connectFailed(const boost::system::error_code& error,
                                           const ConnectionOptions& options);

/// Of an exchange that had begun over `socket`: an error of exchange().
[[nodiscard]] TransportError exchangeFailed(const boost::system::error_code& error,
                                            const StreamSocket& socket, const Request& request,
                                            const ConnectionOptions& options);

}  // namespace hydra_clients::hydra

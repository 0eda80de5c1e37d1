#pragma once

#include <boost/system/error_code.hpp>
#include <tl/expected.hpp>

#include "hydra/outgoing_headers.h"
#include "hydra/socket_connection.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

struct Answer {
  Response response;
  bool keepsConnection = false;  ///< whether another request may go over the same connection
};

/// Sends one request over a connection and reads the answer to it, within what the socket's begin() allows.
/// Responses that only precede it (1xx) are passed over. The errors are the socket's, and Boost.Beast's for
/// HTTP; an answer over a limit is http::error::header_limit, buffer_overflow or body_limit.
[[nodiscard]] tl::expected<Answer, boost::system::error_code> exchange(SocketConnection& connection,
                                                                       const Request& request,
                                                                       const ConnectionOptions& options,
                                                                       OutgoingHeaders& headers);

}  // namespace hydra_clients::hydra

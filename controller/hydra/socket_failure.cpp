#include "hydra/socket_failure.h"

#include <string>

#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>

#include "hydra/socket_connection.h"
#include "hydra/transport_faults.h"

namespace hydra_clients::hydra {
namespace {

namespace http = boost::beast::http;
namespace errc = boost::system::errc;
using boost::system::error_code;
using Kind = TransportError::Kind;

/// What a unix socket's owner can do about it; "" where there is nothing better than the system's own words.
std::string whyNoSocket(const error_code& error, const std::string& path) {
  if (error == errc::no_such_file_or_directory) {
    return "there is no such socket: is Hydra running, with SERVE_ADMIN_HOST=unix:" + path + "?";
  }
  if (error == errc::permission_denied) {
    return "the socket's permissions do not allow it: see SERVE_ADMIN_SOCKET_MODE, _OWNER and _GROUP of "
           "Hydra";
  }
  if (error == errc::connection_refused) {
    return "nothing listens there: is Hydra running? (a socket file alone may be left from an earlier run)";
  }
  if (error == errc::wrong_protocol_type || error == errc::not_a_socket) {
    return "it is not a socket of the right kind";
  }
  return error.message();
}

bool isOutOfDescriptors(const error_code& error) {
  return error == errc::too_many_files_open || error == errc::too_many_files_open_in_system;
}

/// Whether what came cannot be read as HTTP, other than by its ending too soon.
bool isNotHttp(const error_code& error) {
  return error.category() == http::make_error_code(http::error::bad_version).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

}  // namespace

TransportError connectFailed(const error_code& error, const ConnectionOptions& options) {
  if (error == boost::asio::error::operation_aborted) return stopped(options, /*mayHaveArrived=*/false);
  if (error == boost::beast::error::timeout) return timedOut(options, /*mayHaveArrived=*/false);
  if (isOutOfDescriptors(error)) return outOfDescriptors(options);
  if (error == boost::asio::error::host_not_found) return cannotResolve(options);
  if (options.endpoint.scheme != Endpoint::Scheme::kUnix) return cannotConnect(options);
  return {Kind::kConnect, /*mayHaveArrived=*/false,
          "cannot connect to " + options.endpoint.text() + ": " +
              whyNoSocket(error, options.endpoint.socketPath)};
}

TransportError exchangeFailed(const error_code& error, const StreamSocket& socket, const Request& request,
                              const ConnectionOptions& options) {
  const bool mayHaveArrived = socket.bytesSent() > 0;
  if (error == boost::asio::error::operation_aborted) return stopped(options, mayHaveArrived);
  if (error == boost::beast::error::timeout) return timedOut(options, mayHaveArrived);
  if (error == http::error::body_limit) return tooLarge(options, request, options.maxResponseBytes);
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return tooLarge(options, request, SocketConnection::kMostHeaderBytes, "'s head");
  if (isNotHttp(error)) return notHttp(options, mayHaveArrived);
  return closed(options, mayHaveArrived, socket.bytesReceived() > 0);
}

}  // namespace hydra_clients::hydra

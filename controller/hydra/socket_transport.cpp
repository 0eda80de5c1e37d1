// Plain HTTP over TCP and over unix sockets. No thread of its own but for looking up a host's name: each
// sending thread drives the connection that it holds.

#include <cstddef>
#include <memory>
#include <stop_token>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/error.hpp>

#include "client/wake_up.h"
#include "hydra/connection_slots.h"
#include "hydra/host_lookup.h"
#include "hydra/http_exchange.h"
#include "hydra/kept_connections.h"
#include "hydra/socket_failure.h"
#include "hydra/transport_faults.h"
#include "hydra/transports.h"

namespace hydra_clients::hydra {
namespace {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using ConnectionPtr = KeptConnections::Kept;

/// How one attempt on one connection ended.
struct Attempt {
  tl::expected<Response, TransportError> answer;
  bool untouchedAndReused = false;  ///< a kept connection that ended before a byte of an answer came
};

class SocketTransport final : public Transport {
 public:
  SocketTransport(const ConnectionOptions& options, std::unique_ptr<OutgoingHeaders> headers)
      : options_(options),
        headers_(std::move(headers)),
        slots_(options.maxConnections),
        lookup_(options.endpoint.host, options.endpoint.port) {}
  ~SocketTransport() override { SocketTransport::cancelAll(); }

  /// Whether cancelAll() can end a wait: not without a descriptor.
  [[nodiscard]] bool canBeCancelled() const { return wakeUp_.fd() >= 0; }

  tl::expected<Response, TransportError> send(const Request& request) override;
  void cancelAll() override;
  FileDescriptor keptConnection() override { return kept_.newest(); }
  std::string endpoint() const override { return options_.endpoint.text(); }

 private:
  [[nodiscard]] tl::expected<Response, TransportError> sendInSlot(const Request& request,
                                                                  Clock::time_point deadline);
  [[nodiscard]] tl::expected<ConnectionPtr, TransportError> connection(Clock::time_point deadline);
  [[nodiscard]] HostLookup::Result addresses(Clock::time_point deadline);
  [[nodiscard]] Attempt attempt(const Request& request, ConnectionPtr connection, Clock::time_point deadline);

  const ConnectionOptions options_;
  const std::unique_ptr<OutgoingHeaders> headers_;
  std::stop_source stop_;
  const WakeUp wakeUp_{stop_.get_token()};
  ConnectionSlots slots_;
  HostLookup lookup_;
  KeptConnections kept_;  ///< at most maxConnections: one for each slot
};

tl::expected<Response, TransportError> SocketTransport::send(const Request& request) {
  const Clock::time_point deadline = Clock::now() + options_.timeout;
  if (auto refused = withoutSlot(slots_.take(deadline), options_)) return tl::unexpected(std::move(*refused));
  const TakenSlot slot(slots_);
  return sendInSlot(request, deadline);
}

tl::expected<Response, TransportError> SocketTransport::sendInSlot(const Request& request,
                                                                   Clock::time_point deadline) {
  const std::size_t mostAttempts = options_.maxConnections + 1;
  for (std::size_t i = 1;; ++i) {
    auto taken = connection(deadline);
    if (!taken) return tl::unexpected(std::move(taken.error()));
    Attempt result = attempt(request, std::move(*taken), deadline);
    // What was not written may go to another connection; what only reads may be asked twice.
    const bool mayRepeat = result.untouchedAndReused && i < mostAttempts &&
                           (request.method != Method::kPost || !result.answer.error().mayHaveArrived);
    if (!mayRepeat) return std::move(result.answer);
  }
}

tl::expected<ConnectionPtr, TransportError> SocketTransport::connection(Clock::time_point deadline) {
  if (stop_.stop_requested()) return tl::unexpected(stopped(options_, /*mayHaveArrived=*/false));
  if (ConnectionPtr kept = kept_.take(Clock::now())) return kept;
  const auto addresses = this->addresses(deadline);
  if (!addresses) return tl::unexpected(connectFailed(addresses.error(), options_));
  auto socket = StreamSocket::connect(*addresses, deadline, wakeUp_.fd());
  if (!socket) return tl::unexpected(connectFailed(socket.error(), options_));
  return std::make_unique<SocketConnection>(std::move(*socket));
}

HostLookup::Result SocketTransport::addresses(Clock::time_point deadline) {
  if (options_.endpoint.scheme != Endpoint::Scheme::kUnix) return lookup_.find(deadline, stop_.get_token());
  return SocketAddresses{boost::asio::local::stream_protocol::endpoint(options_.endpoint.socketPath)};
}

Attempt SocketTransport::attempt(const Request& request, ConnectionPtr connection,
                                 Clock::time_point deadline) {
  StreamSocket& socket = connection->socket();
  socket.begin(deadline);
  auto answer = exchange(*connection, request, options_, *headers_);
  if (!answer) {
    const error_code error = answer.error();
    const bool ended =
        error != boost::beast::error::timeout && error != boost::asio::error::operation_aborted;
    return {tl::unexpected(exchangeFailed(error, socket, request, options_)),
            ended && connection->reused() && socket.bytesReceived() == 0};
  }
  if (answer->keepsConnection) kept_.put(std::move(connection), Clock::now());
  headers_->withholdFrom(answer->response);
  return {std::move(answer->response)};
}

void SocketTransport::cancelAll() {
  stop_.request_stop();
  slots_.close();
  kept_.close();
}

}  // namespace

tl::expected<std::unique_ptr<Transport>, std::string> makeSocketTransport(
    const ConnectionOptions& options, std::unique_ptr<OutgoingHeaders> headers) {
  auto transport = std::make_unique<SocketTransport>(options, std::move(headers));
  if (!transport->canBeCancelled()) return tl::unexpected(outOfDescriptors(options).message);
  return transport;
}

}  // namespace hydra_clients::hydra

#include "hydra/stream_socket.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace hydra_clients::hydra {
namespace {

using Clock = StreamSocket::Clock;
using Error = StreamSocket::Error;

/// A unix socket whose queue is full refuses at once (EAGAIN) instead of letting the caller wait.
constexpr std::chrono::milliseconds kQueueFullPause{5};

Error lastError() { return {errno, boost::system::system_category()}; }

Error timeout() { return make_error_code(boost::beast::error::timeout); }

bool wouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK; }

/// Until `socket` is ready for `events`; without one (-1) until the deadline.
Error wait(int socket, short events, Clock::time_point deadline, int stop) {
  for (;;) {  // bounded by the deadline
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return timeout();
    std::array<pollfd, 2> files{{{stop, POLLIN, 0}, {socket, events, 0}}};
    const int most = std::numeric_limits<int>::max();
    const int ready = poll(files.data(), files.size(), static_cast<int>(std::min<long>(left, most)));
    if (ready < 0 && errno != EINTR) return lastError();
    if (ready > 0 && files[0].revents != 0) return boost::asio::error::operation_aborted;
    if (ready > 0) return {};
  }
}

/// What became of a connect(2) that was not done at once.
Error connected(int socket, Clock::time_point deadline, int stop) {
  if (const Error error = wait(socket, POLLOUT, deadline, stop)) return error;
  int fault = 0;
  socklen_t size = sizeof fault;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &fault, &size) != 0) return lastError();
  return {fault, boost::system::system_category()};
}

/// Whether a socket is its own other end: where nobody listens on a port of those that the system hands out,
/// it may give that very port to who knocks, and TCP lets two who knock at each other in.
bool isItsOwnPeer(int socket, const SocketAddress& peer) {
  SocketAddress own;
  auto size = static_cast<socklen_t>(own.capacity());
  if (peer.protocol().family() == AF_UNIX || getsockname(socket, own.data(), &size) != 0) return false;
  own.resize(size);
  return own == peer;
}

/// Each request goes out as soon as it is written, without waiting for the answer's ACK.
void sendAtOnce(int socket, int family) {
  const int on = 1;
  if (family == AF_INET || family == AF_INET6)
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

tl::expected<StreamSocket, Error> StreamSocket::connectTo(const SocketAddress& address,
                                                          Clock::time_point deadline, int stop) {
  const int family = address.protocol().family();
  FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return tl::unexpected(lastError());
  for (;;) {  // bounded by the deadline
    if (::connect(socket.get(), address.data(), static_cast<socklen_t>(address.size())) == 0) break;
    if (errno == EINPROGRESS) {
      if (const Error error = connected(socket.get(), deadline, stop)) return tl::unexpected(error);
      break;
    }
    if (!wouldBlock()) return tl::unexpected(lastError());
    const Error error = wait(-1, 0, std::min(deadline, Clock::now() + kQueueFullPause), stop);
    if (error != timeout() || Clock::now() >= deadline) return tl::unexpected(error);
  }
  if (isItsOwnPeer(socket.get(), address))
    return tl::unexpected(Error(boost::asio::error::connection_refused));
  sendAtOnce(socket.get(), family);
  return StreamSocket(std::move(socket), stop);
}

tl::expected<StreamSocket, Error> StreamSocket::connect(const SocketAddresses& addresses,
                                                        Clock::time_point deadline, int stop) {
  Error error = boost::asio::error::host_not_found;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto now = Clock::now();
    const auto share = (deadline - now) / static_cast<Clock::rep>(addresses.size() - i);
    auto socket = connectTo(addresses[i], now + share, stop);
    if (socket) return socket;
    error = socket.error();
    if (error == boost::asio::error::operation_aborted || error == boost::system::errc::too_many_files_open ||
        error == boost::system::errc::too_many_files_open_in_system) {
      break;
    }
  }
  return tl::unexpected(error);
}

void StreamSocket::begin(Clock::time_point deadline) {
  deadline_ = deadline;
  sent_ = 0;
  received_ = 0;
}

bool StreamSocket::isQuiet() const {
  char byte = 0;
  return recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && wouldBlock();
}

std::size_t StreamSocket::receive(Parts& parts, std::size_t count, Error& error) {
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  for (;;) {  // bounded by the deadline
    // Waits before it looks, so that neither the deadline nor a stop is passed over while bytes keep coming.
    error = wait(socket_.get(), POLLIN, deadline_, stop_);
    if (error) return 0;
    const ssize_t got = recvmsg(socket_.get(), &message, 0);
    if (got > 0) {
      received_ += static_cast<std::size_t>(got);
      return static_cast<std::size_t>(got);
    }
    if (got == 0) error = boost::asio::error::eof;
    if (got < 0 && (errno == EINTR || wouldBlock())) continue;
    if (got < 0) error = lastError();
    return 0;
  }
}

std::size_t StreamSocket::send(Parts& parts, std::size_t count, Error& error) {
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  for (;;) {  // bounded by the deadline
    const ssize_t put = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (put >= 0) {
      error = {};
      sent_ += static_cast<std::size_t>(put);
      return static_cast<std::size_t>(put);
    }
    if (errno == EINTR) continue;
    if (!wouldBlock()) {
      error = lastError();
      return 0;
    }
    error = wait(socket_.get(), POLLOUT, deadline_, stop_);
    if (error) return 0;
  }
}

}  // namespace hydra_clients::hydra

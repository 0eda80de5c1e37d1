#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/system/system_error.hpp>
#include <sys/uio.h>
#include <tl/expected.hpp>

#include "client/file_descriptor.h"

namespace hydra_clients::hydra {

/// Where a stream socket connects to: an IPv4 or IPv6 address with its port, or the path of a unix socket.
using SocketAddress = boost::asio::generic::stream_protocol::endpoint;
using SocketAddresses = std::vector<SocketAddress>;

/// A connected stream socket, each wait of which ends at a deadline or by `stop`: a descriptor that is
/// readable from the moment on that nobody shall wait any longer (client/wake_up.h). It takes one descriptor
/// and no thread, and waits in poll(2). What Boost.Beast calls a SyncReadStream and a SyncWriteStream. For
/// one thread at a time.
///
/// Besides the system's errors: boost::beast::error::timeout, boost::asio::error::operation_aborted (stopped)
/// and boost::asio::error::eof.
class StreamSocket {
 public:
  using Clock = std::chrono::steady_clock;
  using Error = boost::system::error_code;

  /// Tries the addresses one after the other; each may take its share of the time that is left, so that one
  /// that does not answer leaves time for the next. The error is the last address's. Fails at once, with
  /// errc::too_many_files_open, where no descriptor can be had.
  static tl::expected<StreamSocket, Error> connect(const SocketAddresses& addresses,
                                                   Clock::time_point deadline, int stop);

  /// From now on until `deadline`: another exchange, whose bytes are counted.
  void begin(Clock::time_point deadline);
  [[nodiscard]] std::size_t bytesSent() const { return sent_; }
  [[nodiscard]] std::size_t bytesReceived() const { return received_; }

  /// Whether an idle connection can be used again: one that has ended, or that holds what nobody asked for,
  /// cannot.
  [[nodiscard]] bool isQuiet() const;
  [[nodiscard]] int descriptor() const { return socket_.get(); }

  // Names and forms are Boost.Beast's.
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, Error& error) {
    Parts parts;
    return receive(parts, fill(parts, buffers), error);
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, Error& error) {
    Parts parts;
    return send(parts, fill(parts, buffers), error);
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    Error error;
    const std::size_t count = read_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return count;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    Error error;
    const std::size_t count = write_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return count;
  }

 private:
  /// What one call of the system takes at most, and the rest goes with the next: a head of many fields, each
  /// a part, and a body.
  static constexpr std::size_t kMostParts = 64;
  using Parts = std::array<iovec, kMostParts>;

  StreamSocket(FileDescriptor socket, int stop) : socket_(std::move(socket)), stop_(stop) {}
  static tl::expected<StreamSocket, Error> connectTo(const SocketAddress& address, Clock::time_point deadline,
                                                     int stop);

  template <class Buffers>
  static std::size_t fill(Parts& parts, const Buffers& buffers) {
    std::size_t count = 0;
    for (const auto part : boost::beast::buffers_range_ref(buffers)) {
      if (count == parts.size()) break;
      parts[count++] = {const_cast<void*>(part.data()), part.size()};  // iovec has no form for bytes to send
    }
    return count;
  }
  std::size_t receive(Parts& parts, std::size_t count, Error& error);
  std::size_t send(Parts& parts, std::size_t count, Error& error);

  FileDescriptor socket_;
  int stop_;
  Clock::time_point deadline_;
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
};

}  // namespace hydra_clients::hydra

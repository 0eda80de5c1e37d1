#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include <boost/beast/core/flat_static_buffer.hpp>
#include <string.h>

#include "hydra/stream_socket.h"

namespace hydra_clients::hydra {

/// A connection over which HTTP is spoken: its socket, and what has come over it and is not parsed yet. For
/// one thread at a time.
class SocketConnection {
 public:
  /// Of one response.
  static constexpr std::size_t kMostHeaderBytes = 64 << 10;

  explicit SocketConnection(StreamSocket socket)
      : socket_(std::move(socket)),
        storage_(std::make_unique_for_overwrite<char[]>(kMostBufferedBytes)),
        buffer_(storage_.get(), kMostBufferedBytes) {}
  ~SocketConnection() { wipe(); }
  SocketConnection(const SocketConnection&) = delete;
  SocketConnection& operator=(const SocketConnection&) = delete;

  [[nodiscard]] StreamSocket& socket() { return socket_; }
  [[nodiscard]] const StreamSocket& socket() const { return socket_; }
  [[nodiscard]] boost::beast::flat_static_buffer_base& buffer() { return buffer_; }
  [[nodiscard]] const boost::beast::flat_static_buffer_base& buffer() const { return buffer_; }
  /// Overwrites what came since the socket's begin(): the answer to a POST holds a secret.
  void wipe() { explicit_bzero(storage_.get(), std::min(socket_.bytesReceived(), kMostBufferedBytes)); }

  /// Whether it was kept after an earlier request.
  [[nodiscard]] bool reused() const { return reused_; }
  void markReused() { reused_ = true; }

 private:
  static constexpr std::size_t kMostBufferedBytes = 2 * kMostHeaderBytes;

  StreamSocket socket_;
  std::unique_ptr<char[]> storage_;
  boost::beast::flat_static_buffer_base buffer_;
  bool reused_ = false;
};

}  // namespace hydra_clients::hydra

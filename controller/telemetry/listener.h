#pragma once

#include <string>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <tl/expected.hpp>

#include "telemetry/listen_address.h"

namespace hydra_clients::telemetry {

/// A socket that listens, TCP or unix. The file of a unix socket has mode 0660, takes the place of one that a
/// program left behind which is gone, and goes with the listener.
class Listener {
 public:
  using Protocol = boost::asio::generic::stream_protocol;
  using Acceptor = boost::asio::basic_socket_acceptor<Protocol>;

  explicit Listener(boost::asio::io_context& io) : acceptor_(io) {}
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Once. The error names the address and the remedy.
  tl::expected<void, std::string> open(const ListenAddress& address);

  [[nodiscard]] Acceptor& acceptor() { return acceptor_; }
  /// Where it listens, with the real port.
  [[nodiscard]] const ListenAddress& address() const { return address_; }

 private:
  boost::system::error_code openTcp();
  tl::expected<void, std::string> openUnix();

  Acceptor acceptor_;
  ListenAddress address_;
  unsigned long long ownFile_ = 0;  ///< the inode of the socket's file; 0: none of ours
};

}  // namespace hydra_clients::telemetry

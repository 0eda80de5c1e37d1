#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <boost/system/error_code.hpp>
#include <tl/expected.hpp>

#include "hydra/stream_socket.h"

namespace hydra_clients::hydra {

/// The addresses of one host. getaddrinfo(3) can be neither bounded nor ended, so a name is looked up on a
/// thread of its own, which nobody waits for longer than he wants: one at most, however many ask meanwhile.
/// Nothing is kept of what it found, so a name that comes to mean another machine is followed by the next
/// connection. Thread-safe.
class HostLookup {
 public:
  using Result = tl::expected<SocketAddresses, boost::system::error_code>;
  using Ask = std::function<Result(const std::string& host, std::uint16_t port)>;

  HostLookup(std::string host, std::uint16_t port);
  /// By `ask` instead of getaddrinfo(3), for tests.
  HostLookup(std::string host, std::uint16_t port, Ask ask);

  /// At least one address, in the order in which they are to be tried (RFC 6724). Otherwise
  /// boost::asio::error::host_not_found, boost::beast::error::timeout, boost::asio::error::operation_aborted
  /// where `stop` came first, errc::too_many_files_open, or what the system says where there is no memory and
  /// no thread to be had.
  [[nodiscard]] Result find(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);

 private:
  struct Lookup;

  const std::string host_;
  const std::uint16_t port_;
  const Ask ask_;
  const std::shared_ptr<Lookup> lookup_;  ///< with the thread that may outlive this
};

}  // namespace hydra_clients::hydra

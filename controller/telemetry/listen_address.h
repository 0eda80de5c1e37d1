#pragma once

#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <tl/expected.hpp>

namespace hydra_clients::telemetry {

/// Where a server listens.
struct ListenAddress {
  boost::asio::ip::tcp::endpoint tcp;
  std::string unixPath;  ///< not empty: a unix socket there, instead of `tcp`

  [[nodiscard]] bool isUnix() const { return !unixPath.empty(); }
  /// "127.0.0.1:9464", "[::1]:9464", "unix:/run/hydra-clients/status.sock".
  [[nodiscard]] std::string text() const;
};

/// "127.0.0.1:9464", "[::1]:9464", "localhost:0"; ":9464" for every address of this machine (IPv4 and IPv6);
/// "unix:PATH" or "unix://PATH". Names other than localhost are not looked up. The error says what is
/// expected.
[[nodiscard]] tl::expected<ListenAddress, std::string> parseListenAddress(std::string_view listen);

}  // namespace hydra_clients::telemetry

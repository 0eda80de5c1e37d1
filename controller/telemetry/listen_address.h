#pragma once

#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <tl/expected.hpp>

namespace hydra_clients::telemetry {

/// "127.0.0.1:9464", "[::1]:9464", "localhost:0"; ":9464" for every address of this machine (IPv4 and IPv6).
/// Names other than localhost are not looked up. The error says what is expected.
[[nodiscard]] tl::expected<boost::asio::ip::tcp::endpoint, std::string> parseListenAddress(
    std::string_view listen);

/// "127.0.0.1:9464", "[::1]:9464".
[[nodiscard]] std::string addressText(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace hydra_clients::telemetry

#include "telemetry/listen_address.h"

#include <charconv>
#include <optional>

#include <boost/asio/ip/address.hpp>

namespace hydra_clients::telemetry {
namespace {

namespace ip = boost::asio::ip;

std::optional<unsigned short> parsePort(std::string_view text) {
  unsigned short port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<ip::address> parseHost(std::string_view host) {
  if (host.empty()) return ip::address_v6::any();
  if (host == "localhost") return ip::address_v4::loopback();
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(host), error);
  if (error || address.is_v6() != bracketed) return std::nullopt;
  return address;
}

}  // namespace

tl::expected<ip::tcp::endpoint, std::string> parseListenAddress(std::string_view listen) {
  const auto colon = listen.rfind(':');
  const auto port = colon == std::string_view::npos ? std::nullopt : parsePort(listen.substr(colon + 1));
  const auto host = port ? parseHost(listen.substr(0, colon)) : std::nullopt;
  if (!host) {
    return tl::make_unexpected(
        "cannot listen on \"" + std::string(listen) +
        "\": expected an IP address and a port (0 to 65535, 0 for a free one), such as "
        "127.0.0.1:9464, [::1]:9464, or :9464 for every address");
  }
  return ip::tcp::endpoint(*host, *port);
}

std::string addressText(const ip::tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

}  // namespace hydra_clients::telemetry

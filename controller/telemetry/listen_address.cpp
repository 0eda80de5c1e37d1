#include "telemetry/listen_address.h"

#include <charconv>
#include <optional>

#include <boost/asio/ip/address.hpp>
#include <sys/un.h>

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

/// A socket's address holds no longer path, with the zero behind it.
constexpr std::size_t kLongestUnixPath = sizeof(sockaddr_un::sun_path) - 1;

tl::expected<ListenAddress, std::string> unixAddress(std::string_view path) {
  if (path.starts_with("//")) path.remove_prefix(2);
  if (path.empty() || path.back() == '/' || path.find('\0') != std::string_view::npos) {
    return tl::make_unexpected(std::string("a unix socket needs the path of its file: unix:PATH"));
  }
  if (path.size() > kLongestUnixPath) {
    return tl::make_unexpected("the path of a unix socket has at most " + std::to_string(kLongestUnixPath) +
                               " bytes, this one " + std::to_string(path.size()));
  }
  return ListenAddress{{}, std::string(path)};
}

}  // namespace

tl::expected<ListenAddress, std::string> parseListenAddress(std::string_view listen) {
  constexpr std::string_view kUnix = "unix:";
  if (listen.starts_with(kUnix)) return unixAddress(listen.substr(kUnix.size()));
  const auto colon = listen.rfind(':');
  const auto port = colon == std::string_view::npos ? std::nullopt : parsePort(listen.substr(colon + 1));
  const auto host = port ? parseHost(listen.substr(0, colon)) : std::nullopt;
  if (!host) {
    return tl::make_unexpected(
        "cannot listen on \"" + std::string(listen) +
        "\": expected an IP address and a port (0 to 65535, 0 for a free one), such as "
        "127.0.0.1:9464, [::1]:9464, or :9464 for every address; or unix:PATH");
  }
  return ListenAddress{{*host, *port}, {}};
}

std::string ListenAddress::text() const {
  if (isUnix()) return "unix:" + unixPath;
  const std::string host = tcp.address().to_string();
  return (tcp.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(tcp.port());
}

}  // namespace hydra_clients::telemetry

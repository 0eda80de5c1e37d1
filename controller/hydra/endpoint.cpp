#include "hydra/endpoint.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include <arpa/inet.h>

#include "client/ascii.h"
#include "client/edit_distance.h"
#include "client/hex.h"
#include "client/loopback.h"

namespace hydra_clients::hydra {
namespace {

constexpr std::string_view kForm =
    "write http://HOST[:PORT][/PREFIX], https://HOST[:PORT][/PREFIX] or unix:///PATH/TO/SOCKET, "
    "for example http://localhost:4445";
constexpr std::size_t kLongestSocketPath = 107;  // sockaddr_un holds 108 bytes with the final NUL
constexpr std::size_t kLongestHost = 253;        // RFC 1035 §2.3.4

using Fault = tl::unexpected<std::string>;

Fault fault(std::string_view what) { return Fault(std::string(what) + "; " + std::string(kForm)); }

bool isAlnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// The unreserved characters, sub-delims, ":", "@" and "/" of RFC 3986, and "%" before two hex digits.
bool isPath(std::string_view path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%') {
      if (i + 2 >= path.size() || hexValue(path[i + 1]) < 0 || hexValue(path[i + 2]) < 0) return false;
      i += 2;
    } else if (!isAlnum(path[i]) &&
               std::string_view("-._~!$&'()*+,;=:@/").find(path[i]) == std::string::npos) {
      return false;
    }
  }
  return true;
}

bool isHostName(std::string_view host) {
  return !host.empty() && host.size() <= kLongestHost &&
         std::ranges::all_of(host, [](char c) { return isAlnum(c) || c == '-' || c == '.' || c == '_'; });
}

bool isIpv6(const std::string& host) {
  std::array<unsigned char, 16> address{};
  return inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

tl::expected<Endpoint, std::string> parseSocket(std::string_view rest) {
  Endpoint endpoint;
  endpoint.scheme = Endpoint::Scheme::kUnix;
  if (rest.starts_with("//")) rest.remove_prefix(2);
  if (!rest.starts_with('/')) {
    const bool maySay =
        isPath(rest) && rest.find('@') == std::string_view::npos;  // no credential, no garbage
    return fault("the path of a unix endpoint must be absolute" +
                 (maySay ? ": unix:///" + std::string(rest) : std::string()));
  }
  if (rest.size() > kLongestSocketPath) {
    return fault("the path of the unix socket is longer than the " + std::to_string(kLongestSocketPath) +
                 " bytes that the system takes");
  }
  if (rest.find('\0') != std::string_view::npos) return fault("the path of the unix socket holds a NUL byte");
  endpoint.socketPath = rest;
  return endpoint;
}

tl::expected<std::uint16_t, std::string> parsePort(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > 65535) {
    return fault("the port must be a number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(value);
}

/// "HOST", "HOST:PORT", "[IPv6]:PORT" into `endpoint`; "" where that went well.
std::string parseAuthority(std::string_view authority, Endpoint& endpoint) {
  if (authority.find('@') != std::string_view::npos) {
    return fault(
               "the URL holds a user name or password: give credentials with --access-token-file or "
               "--header instead")
        .value();
  }
  std::string_view port;
  bool hasPort = false;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return fault("the IPv6 address has no closing bracket").value();
    endpoint.host = lowerCase(authority.substr(1, close - 1));
    if (!isIpv6(endpoint.host)) return fault("what stands in brackets is not an IPv6 address").value();
    const std::string_view after = authority.substr(close + 1);
    if (!after.empty() && after[0] != ':')
      return fault("after the IPv6 address only :PORT may follow").value();
    hasPort = !after.empty();
    if (hasPort) port = after.substr(1);
  } else {
    if (std::ranges::count(authority, ':') > 1) {
      return fault("an IPv6 address must stand in brackets: http://[::1]:4445").value();
    }
    const auto colon = authority.find(':');
    hasPort = colon != std::string_view::npos;
    endpoint.host = lowerCase(authority.substr(0, colon));
    if (hasPort) port = authority.substr(colon + 1);
    if (endpoint.host.empty()) return fault("the URL has no host").value();
    if (!isHostName(endpoint.host)) {
      return fault(
                 "the host may hold letters, digits, \"-\", \".\" and \"_\" (an international name in its "
                 "xn-- form)")
          .value();
    }
  }
  if (!hasPort) return {};
  auto number = parsePort(port);
  if (!number) return number.error();
  endpoint.port = *number;
  return {};
}

/// What of a URL may be shown again: one with "@" may hold a password, and controls would garble a terminal.
bool isShowable(std::string_view url) {
  return url.size() <= kLongestHost &&
         std::ranges::all_of(url, [](char c) { return c > ' ' && c < 127 && c != '@'; });
}

Fault instead(std::string_view what, const std::string& url) {
  return Fault(std::string(what) + "; write " + url);
}

/// "localhost:4445", "/run/hydra.sock", "htp://h": what was probably meant.
Fault wrongScheme(std::string_view url) {
  constexpr std::string_view kMustBegin = "the endpoint must begin with http://, https:// or unix://";
  constexpr std::array<std::string_view, 3> kSchemes = {"http", "https", "unix"};
  if (!isShowable(url)) return fault(kMustBegin);
  if (const auto end = url.find("://"); end != std::string_view::npos) {
    const auto near = nearest(url.substr(0, end), kSchemes);
    return near ? instead(kMustBegin, std::string(*near) + std::string(url.substr(end))) : fault(kMustBegin);
  }
  if (url.starts_with('/')) return instead(kMustBegin, "unix://" + std::string(url) + " for a socket");
  if (url.ends_with(".sock"))
    return instead(kMustBegin, "unix:///PATH/TO/SOCKET, with the socket's whole path");
  const bool isNumber = std::ranges::all_of(url, [](char c) { return c >= '0' && c <= '9'; });
  const bool isHost = isHostName(url.substr(0, url.find_first_of(":/"))) && std::ranges::count(url, ':') <= 1;
  if (isNumber || !isHost) return fault(kMustBegin);
  const bool bare = url.find_first_of(":/") == std::string_view::npos;
  return instead(kMustBegin, "http://" + std::string(url) + (bare ? ":4445" : ""));
}

/// The path of a request, as curl was given it, in the place of a prefix: "" where there is none.
std::string_view requestPath(std::string_view prefix) {
  for (const std::string_view path :
       {"/admin/clients", "/clients", "/health/alive", "/health/ready", "/version"}) {
    if (prefix.ends_with(path)) return path;
  }
  return {};
}

}  // namespace

tl::expected<Endpoint, std::string> Endpoint::parse(std::string_view url) {
  while (!url.empty() && std::isspace(static_cast<unsigned char>(url.back())) != 0) url.remove_suffix(1);
  while (!url.empty() && std::isspace(static_cast<unsigned char>(url.front())) != 0) url.remove_prefix(1);
  if (url.empty()) return fault("the endpoint is empty");

  const auto colon = url.find(':');
  const std::string scheme = lowerCase(url.substr(0, colon));
  if (colon != std::string_view::npos && scheme == "unix") return parseSocket(url.substr(colon + 1));

  Endpoint endpoint;
  if (scheme == "http") {
    endpoint.port = 80;
  } else if (scheme == "https") {
    endpoint.scheme = Scheme::kHttps;
    endpoint.port = 443;
  } else {
    return wrongScheme(url);
  }
  std::string_view rest = colon == std::string_view::npos ? std::string_view() : url.substr(colon + 1);
  if (!rest.starts_with("//")) return fault("after the scheme \"//\" must follow");
  rest.remove_prefix(2);
  if (rest.find_first_of("?#") != std::string_view::npos)
    return fault("the URL must not have a query or fragment");

  const auto slash = rest.find('/');
  if (std::string error = parseAuthority(rest.substr(0, slash), endpoint); !error.empty())
    return Fault(error);
  if (slash != std::string_view::npos) endpoint.prefix = rest.substr(slash);
  while (endpoint.prefix.ends_with('/')) endpoint.prefix.pop_back();
  if (!isPath(endpoint.prefix))
    return fault("the path of the URL holds a character that must be percent-encoded");
  if (const std::string_view path = requestPath(endpoint.prefix); !path.empty()) {
    endpoint.prefix.resize(endpoint.prefix.size() - path.size());
    return instead("the endpoint is where Hydra's admin API begins, without " + std::string(path),
                   endpoint.text());
  }
  return endpoint;
}

bool Endpoint::isLoopback() const { return scheme == Scheme::kUnix || isLoopbackHost(host); }

std::string Endpoint::authority() const {
  if (scheme == Scheme::kUnix) return {};
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (scheme == Scheme::kHttps ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

std::string Endpoint::text() const {
  if (scheme == Scheme::kUnix) return "unix://" + socketPath;
  return (scheme == Scheme::kHttps ? "https://" : "http://") + authority() + prefix;
}

}  // namespace hydra_clients::hydra

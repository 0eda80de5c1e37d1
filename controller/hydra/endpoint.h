#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "client/secret.h"

namespace hydra_clients::hydra {

/// Where Hydra's admin API is: `http(s)://host[:port][/prefix]` or `unix:///path/to/socket` (also
/// `unix:/path`).
struct Endpoint {
  enum class Scheme { kHttp, kHttps, kUnix };
  Scheme scheme = Scheme::kHttp;
  std::string host;        ///< without brackets for IPv6; empty for unix
  std::uint16_t port = 0;  ///< the scheme's default where the URL has none
  std::string prefix;      ///< "" or "/prefix", without a trailing slash
  std::string socketPath;  ///< of a unix endpoint

  [[nodiscard]] bool isLoopback() const;
  /// "host[:port]" of a URL (RFC 3986 §3.2), brackets around an IPv6 address and without the scheme's default
  /// port; "" for unix.
  [[nodiscard]] std::string authority() const;
  /// As given, without userinfo: for people.
  [[nodiscard]] std::string text() const;

  /// The error says what a URL should look like, and never repeats the user name or password of one: those
  /// are refused, since a URL ends up in process lists and logs.
  static tl::expected<Endpoint, std::string> parse(std::string_view url);
};

/// An extra header of every request. The value may be a credential.
struct Header {
  std::string name;
  SharedSecret value;
};

/// How requests get to an endpoint. Plain values, filled by the command line.
struct ConnectionOptions {
  Endpoint endpoint;
  std::string caFile;          ///< PEM; replaces the system's trust store
  std::string clientCertFile;  ///< PEM, for mutual TLS
  std::string clientKeyFile;
  bool skipTlsVerify = false;
  bool fakeTlsTermination = false;  ///< sends X-Forwarded-Proto: https
  SharedSecret accessToken;         ///< may be null
  std::string accessTokenFile;      ///< read again when it changes; wins over accessToken
  std::vector<Header> headers;
  std::chrono::milliseconds timeout{10'000};  ///< of one request, from connect to the last byte of the body
  std::size_t maxConnections = 16;
  std::size_t maxResponseBytes = 64u << 20;
  bool isHydra = true;  ///< false: another server, so no message asks about Hydra's admin port
};

}  // namespace hydra_clients::hydra

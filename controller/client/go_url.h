#pragma once

// URLs as Go's net/url reads them, which is what Hydra asks: RFC 3986 with Go's own liberties. The rules of
// hosts are those of Go 1.25.2 and newer (colons only before the port, brackets only around an IPv6 address):
// official builds of Hydra with an older Go take a few more, and no such URL can be meant.

#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace hydra_clients {

struct GoUrl {
  std::string scheme;  ///< in lower case; "" where there is none
  std::string opaque;  ///< after the scheme, where no slash follows it: "8080/cb" of localhost:8080/cb
  std::optional<std::string> userinfo;  ///< as written; "" for "@host"
  std::string host;                     ///< percent-decoded, brackets and port included
  std::string path;                     ///< percent-decoded
  std::string query;                    ///< as written, without its "?"
  bool forceQuery = false;              ///< a "?" stands there with nothing behind it
  std::string fragment;                 ///< percent-decoded; GoUrl::parse only
  bool omitHost = false;                ///< scheme:/path, without an authority

  [[nodiscard]] std::string hostname() const;  ///< of host, without brackets and port
  [[nodiscard]] std::string port() const;      ///< of host; "" where there is none

  using Parsed = tl::expected<GoUrl, std::string>;
  /// url.Parse. The error is what is wrong, in words that follow "the URL": "holds a control character".
  [[nodiscard]] static Parsed parse(std::string_view text);
  /// url.ParseRequestURI: absolute, or a path from "/"; "#" means nothing special.
  [[nodiscard]] static Parsed parseRequestUri(std::string_view text);
};

}  // namespace hydra_clients

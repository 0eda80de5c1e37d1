#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace hydra_clients::manifest {

/// The URL of a repository to fetch from, in one of the forms that git itself takes: https://, http://,
/// ssh://, [USER@]HOST:PATH (which is ssh as well) and file://.
struct GitUrl {
  enum class Scheme : std::uint8_t { kHttps, kHttp, kSsh, kFile };
  Scheme scheme = Scheme::kHttps;
  std::string text;        ///< as given: it holds no password, and can be shown
  std::string user;        ///< of ssh; "" where none is named
  std::string host;        ///< without brackets, in lower case; "" of a file
  std::uint16_t port = 0;  ///< the scheme's default where none is named; 0 of a file

  [[nodiscard]] bool isLoopback() const;

  /// The error says what a URL should look like. It never repeats one that holds a user name or a password:
  /// over http(s) those are refused, since a URL ends up in process lists and logs.
  [[nodiscard]] static tl::expected<GitUrl, std::string> parse(std::string_view text);
};

}  // namespace hydra_clients::manifest

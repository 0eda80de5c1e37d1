#include "manifest/sources/fetch/git_url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "client/ascii.h"
#include "client/go_url.h"
#include "client/loopback.h"

namespace hydra_clients::manifest {
namespace {

using Parsed = tl::expected<GitUrl, std::string>;

constexpr std::string_view kForm =
    "write https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH or file:///PATH";

constexpr std::string_view kNoPort = "has a port that is no number from 1 to 65535";

struct KnownScheme {
  std::string_view name;
  GitUrl::Scheme scheme;
  std::uint16_t port;
};
constexpr std::array<KnownScheme, 4> kSchemes{{{"https", GitUrl::Scheme::kHttps, 443},
                                               {"http", GitUrl::Scheme::kHttp, 80},
                                               {"ssh", GitUrl::Scheme::kSsh, 22},
                                               {"file", GitUrl::Scheme::kFile, 0}}};

tl::unexpected<std::string> fault(std::string what) {
  return tl::unexpected(std::move(what) + "; " + std::string(kForm));
}

/// What of a URL may be said again: one with "@" may hold a password.
bool isShowable(std::string_view text) { return text.find('@') == std::string_view::npos; }

/// 0 where it is none.
std::uint16_t portOf(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() ? port : std::uint16_t{0};
}

/// "[USER@]HOST:PATH", as scp takes it.
Parsed parseScp(std::string_view text) {
  if (text.starts_with('/') && isShowable(text)) {
    return tl::unexpected("is a path; write file://" + std::string(text));
  }
  const std::size_t at = text.substr(0, text.find('/')).rfind('@');
  const std::string_view rest = at == std::string_view::npos ? text : text.substr(at + 1);
  // libgit2 1.5 takes the brackets for a part of the name.
  if (rest.starts_with('[')) return fault("names its host in brackets, which only ssh:// may");
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos || rest.find('/') < colon) return fault("is not a repository's URL");
  if (colon == 0 || colon + 1 == rest.size()) return fault("names no host, or no path on it");
  GitUrl url{GitUrl::Scheme::kSsh, std::string(text), "", lowerCase(rest.substr(0, colon)), 22};
  if (at != std::string_view::npos) url.user = text.substr(0, at);
  if (url.user.find(':') != std::string::npos)
    return fault("holds a password: with ssh a key is used, --git-ssh-key-file");
  return url;
}

/// Why the part before "@" may not stand there; "" where it may.
std::string faultOfUser(const GitUrl& url, const GoUrl& parts) {
  if (!parts.userinfo) return "";
  const bool hasPassword = parts.userinfo->find(':') != std::string::npos;
  switch (url.scheme) {
    case GitUrl::Scheme::kSsh:
      return hasPassword ? "holds a password: with ssh a key is used, --git-ssh-key-file" : "";
    case GitUrl::Scheme::kFile:
      return "names a user of a file";
    default:
      return "holds a user name, a token or a password, which process lists and logs would show: write it "
             "to "
             "a file, --git-credentials-file, and leave it out here";
  }
}

Parsed parseUrl(const KnownScheme& known, std::string_view text) {
  auto parts = GoUrl::parseRequestUri(text);
  if (!parts) return fault(std::move(parts.error()));
  GitUrl url{known.scheme, std::string(text), "", lowerCase(parts->hostname()), known.port};
  if (auto why = faultOfUser(url, *parts); !why.empty()) return tl::unexpected(std::move(why));
  const bool web = url.scheme == GitUrl::Scheme::kHttps || url.scheme == GitUrl::Scheme::kHttp;
  if (web && text.find_first_of("?#") != std::string_view::npos)
    return fault("holds a query or a fragment, and a repository's URL has none");
  if (url.scheme == GitUrl::Scheme::kFile && !url.host.empty() && url.host != "localhost")
    return fault("names a host, and a file is on this machine");
  if (url.scheme != GitUrl::Scheme::kFile && url.host.empty()) return fault("names no host");
  if (parts->path.empty() || parts->path == "/") return fault("names no repository on its host");
  if (parts->userinfo) url.user = *parts->userinfo;
  if (const std::string port = parts->port(); !port.empty()) {
    url.port = portOf(port);
    if (url.port == 0) return fault(std::string(kNoPort));
  }
  return url;
}

}  // namespace

Parsed GitUrl::parse(std::string_view text) {
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; }))
    return fault("holds a blank or a control character");
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) return parseScp(text);
  const std::string scheme = lowerCase(text.substr(0, end));
  const auto known = std::ranges::find(kSchemes, scheme, &KnownScheme::name);
  if (known != kSchemes.end()) return parseUrl(*known, text);
  if (scheme == "git") return fault("begins with git://, by which nobody knows who answers");
  return fault("begins with none of https://, http://, ssh:// and file://");
}

bool GitUrl::isLoopback() const { return scheme == Scheme::kFile || isLoopbackHost(host); }

}  // namespace hydra_clients::manifest

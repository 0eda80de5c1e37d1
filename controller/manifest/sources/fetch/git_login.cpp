#include "manifest/sources/fetch/git_login.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "client/hex.h"

namespace hydra_clients::manifest {
namespace {

using Login = tl::expected<GitLogin, std::string>;

constexpr std::string_view kForms =
    "write USER:PASSWORD or a token into it, or lines as git's credential store has them "
    "(https://USER:PASSWORD@HOST)";
constexpr std::string_view kSchemeEnd = "://";

std::vector<std::string_view> linesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// A line of the credential store.
struct Stored {
  std::string address;    ///< "https://HOST[:PORT]/"
  std::string_view user;  ///< percent-encoded, as the password
  std::string_view password;
};

std::optional<Stored> parseStored(std::string_view line) {
  const std::size_t scheme = line.find(kSchemeEnd);
  if (scheme == std::string_view::npos) return std::nullopt;
  const std::size_t begin = scheme + kSchemeEnd.size();
  const std::size_t end = std::min(line.find_first_of("/?#", begin), line.size());
  const std::size_t at = line.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < begin) return std::nullopt;
  const std::string_view login = line.substr(begin, at - begin);
  const std::size_t colon = login.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string host(line.substr(at + 1, end - at - 1));
  return Stored{std::string(line.substr(0, begin)) + host + '/', login.substr(0, colon),
                login.substr(colon + 1)};
}

/// "https://HOST", "https://HOST:8443": where the login would be sent.
std::string placeOf(const GitUrl& url) {
  const bool secure = url.scheme == GitUrl::Scheme::kHttps;
  const std::string host = url.host.find(':') == std::string::npos ? url.host : '[' + url.host + ']';
  const bool usual = url.port == (secure ? 443 : 80);
  return (secure ? "https://" : "http://") + host + (usual ? "" : ':' + std::to_string(url.port));
}

bool isServerOf(const GitUrl& url, const std::string& address) {
  const auto stored = GitUrl::parse(address + "repository");
  return stored && stored->scheme == url.scheme && stored->host == url.host && stored->port == url.port;
}

Login storedFor(const GitUrl& url, const std::vector<std::string_view>& lines) {
  for (const std::string_view line : lines) {
    const auto stored = parseStored(line);
    if (stored && isServerOf(url, stored->address))
      return GitLogin{percentDecoded(stored->user), Secret(percentDecoded(stored->password))};
  }
  const std::string place = placeOf(url);
  return tl::unexpected("holds no login for " + place + ": a line for it begins with " +
                        place.substr(0, place.find(kSchemeEnd) + kSchemeEnd.size()) + "USER:PASSWORD@" +
                        place.substr(place.find(kSchemeEnd) + kSchemeEnd.size()));
}

}  // namespace

std::string percentDecoded(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());  // growing would leave copies behind
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool isEscape =
        text[i] == '%' && i + 2 < text.size() && hexValue(text[i + 1]) >= 0 && hexValue(text[i + 2]) >= 0;
    bytes += isEscape ? static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2])) : text[i];
    if (isEscape) i += 2;
  }
  return bytes;
}

Login loginFor(const GitUrl& url, const Secret& file) {
  const auto lines = linesOf(file.reveal(Purpose::kAuthentication));
  if (lines.empty()) return tl::unexpected("is empty; " + std::string(kForms));
  const auto isStored = [](std::string_view line) { return line.find(kSchemeEnd) != std::string_view::npos; };
  if (std::ranges::any_of(lines, isStored)) return storedFor(url, lines);
  if (lines.size() > 1)
    return tl::unexpected("holds " + std::to_string(lines.size()) + " lines that are no URLs; " +
                          std::string(kForms));
  const std::string_view line = lines.front();
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return GitLogin{std::string(kTokenUser), Secret(std::string(line))};
  return GitLogin{std::string(line.substr(0, colon)), Secret(std::string(line.substr(colon + 1)))};
}

}  // namespace hydra_clients::manifest

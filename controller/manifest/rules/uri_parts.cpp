#include "manifest/rules/uri_parts.h"

#include <algorithm>

#include "client/ascii.h"

namespace hydra_clients::manifest {
namespace {

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

// Source: Go net/url, getScheme.
std::optional<Scheme> splitScheme(std::string_view uri) {
  for (std::size_t i = 0; i < uri.size(); ++i) {
    const char c = uri[i];
    if (isLetter(c)) continue;
    if (isDigit(c) || c == '+' || c == '-' || c == '.') {
      if (i == 0) break;
      continue;
    }
    if (c != ':') break;
    if (i == 0) return std::nullopt;
    return Scheme{lowerCase(uri.substr(0, i)), uri.substr(i + 1)};
  }
  return Scheme{"", uri};
}

bool hasControlCharacter(std::string_view uri) {
  return std::ranges::any_of(uri, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

// Source: Go net/url, parse(rawURL, viaRequest=true).
std::optional<std::string> whyNoRequestUri(std::string_view uri) {
  if (uri.empty()) return "is empty";
  if (hasControlCharacter(uri)) return "holds a control character";
  if (uri == "*") return std::nullopt;
  const auto scheme = splitScheme(uri);
  if (!scheme) return "has no scheme before its colon";
  if (scheme->name.empty() && !uri.starts_with('/')) {
    return "is not absolute: it must begin with a scheme, such as https://";
  }
  return std::nullopt;
}

std::optional<Origin> plainOrigin(std::string_view uri) {
  const auto scheme = splitScheme(uri);
  if (!scheme) return std::nullopt;
  Origin origin{scheme->name, "", ""};
  std::string_view rest = scheme->rest.substr(0, scheme->rest.find('?'));
  if (scheme->name.empty() || !rest.starts_with("//")) return origin;
  rest.remove_prefix(2);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::size_t colon = authority.find(':');
  origin.host = authority.substr(0, colon);
  if (colon != std::string_view::npos) origin.port = authority.substr(colon + 1);
  const bool plainHost = std::ranges::all_of(
      origin.host, [](char c) { return isLetter(c) || isDigit(c) || c == '.' || c == '-'; });
  if (!plainHost || !std::ranges::all_of(origin.port, isDigit)) return std::nullopt;
  return origin;
}

}  // namespace hydra_clients::manifest

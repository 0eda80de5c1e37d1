#include "client/go_url.h"

#include <algorithm>
#include <utility>

#include <arpa/inet.h>

#include "client/ascii.h"
#include "client/hex.h"

namespace hydra_clients {
namespace {

using Text = tl::expected<std::string, std::string>;

tl::unexpected<std::string> fault(std::string words) { return tl::unexpected(std::move(words)); }

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isOneOf(char c, std::string_view characters) { return characters.find(c) != std::string_view::npos; }

/// What may stand in a host as it is: RFC 3986's reg-name, and what Go lets pass besides.
bool mayStandInHost(char c) { return isLetter(c) || isDigit(c) || isOneOf(c, "-_.~!$&'()*+,;=:[]<>\""); }

enum class Part { kHost, kZone, kOther };

/// Percent-decoding. In a host only bytes beyond ASCII may be escaped, and "%25" before a zone; in a zone
/// what need not be escaped must not be, but for a space.
Text decode(std::string_view text, Part part) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '%') {
      const bool ascii = static_cast<unsigned char>(c) < 0x80;
      if (part != Part::kOther && ascii && !mayStandInHost(c))
        return fault("has a host that holds a character which no host has");
      decoded += c;
      continue;
    }
    const int high = i + 1 < text.size() ? hexValue(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hexValue(text[i + 2]) : -1;
    if (high < 0 || low < 0) return fault("has a % that two hexadecimal digits must follow");
    const char byte = static_cast<char>(high * 16 + low);
    const bool isPercent = byte == '%';
    if (part == Part::kHost && high < 8 && !isPercent)
      return fault("has a host with an escaped ASCII character");
    if (part == Part::kZone && !isPercent && byte != ' ' && !mayStandInHost(byte))
      return fault("has an IPv6 zone with a character that no zone has");
    decoded += byte;
    i += 2;
  }
  return decoded;
}

bool isOptionalPort(std::string_view text) {
  return text.empty() || (text[0] == ':' && std::ranges::all_of(text.substr(1), isDigit));
}

bool isIpv6(const std::string& address) {
  in6_addr parsed{};
  return inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

/// "[fe80::1%25en0]:80": RFC 3986 §3.2.2, RFC 6874.
Text decodeBracketed(std::string_view host) {
  const std::size_t close = host.rfind(']');
  if (close == std::string_view::npos) return fault("has a [ without a ]");
  if (!isOptionalPort(host.substr(close + 1))) return fault("has a port that is no number");
  const std::string_view inside = host.substr(1, close - 1);
  const std::size_t zone = inside.find("%25");
  auto address = decode(inside.substr(0, zone), Part::kHost);
  if (!address) return address;
  std::string decodedZone;
  if (zone != std::string_view::npos) {
    auto decoded = decode(inside.substr(zone), Part::kZone);
    if (!decoded) return decoded;
    decodedZone = std::move(*decoded);
  }
  if (!isIpv6(*address) || decodedZone == "%")
    return fault("has brackets around something that is no IPv6 address");
  return "[" + *address + decodedZone + std::string(host.substr(close));
}

/// A colon before the port's is refused for the web's schemes alone: "mongodb://a:1,b:2" is what people
/// write.
Text decodeHost(std::string_view host, std::string_view scheme) {
  const std::size_t bracket = host.rfind('[');
  if (bracket == 0) return decodeBracketed(host);
  if (bracket != std::string_view::npos) return fault("has a [ inside of its host");
  const bool isWeb = scheme == "http" || scheme == "https";
  const std::size_t colon = isWeb ? host.find(':') : host.rfind(':');
  if (colon != std::string_view::npos && !isOptionalPort(host.substr(colon))) {
    return fault("has a port that is no number (an IPv6 address stands in brackets)");
  }
  return decode(host, Part::kHost);
}

/// RFC 3986 §3.2.1.
bool isUserinfo(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return isLetter(c) || isDigit(c) || isOneOf(c, "-._:~!$&'()*+,;=%@"); });
}

std::optional<std::string> readAuthority(std::string_view authority, GoUrl& url) {
  const std::size_t at = authority.rfind('@');
  auto host = decodeHost(at == std::string_view::npos ? authority : authority.substr(at + 1), url.scheme);
  if (!host) return host.error();
  url.host = std::move(*host);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view userinfo = authority.substr(0, at);
  if (!isUserinfo(userinfo)) return "names a user with a character that must be escaped";
  if (const auto decoded = decode(userinfo, Part::kOther); !decoded) return decoded.error();
  url.userinfo = std::string(userinfo);
  return std::nullopt;
}

/// The length of the scheme before its colon; 0 where there is none; nullopt for a colon with nothing before
/// it.
std::optional<std::size_t> schemeLength(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (isLetter(c) || (i > 0 && (isDigit(c) || isOneOf(c, "+-.")))) continue;
    if (c != ':') return 0;
    return i == 0 ? std::nullopt : std::optional(i);
  }
  return 0;
}

void splitQuery(std::string_view& rest, GoUrl& url) {
  const std::size_t question = rest.find('?');
  if (question == std::string_view::npos) return;
  url.query = rest.substr(question + 1);
  url.forceQuery = url.query.empty();
  rest = rest.substr(0, question);
}

GoUrl::Parsed parseWithoutFragment(std::string_view text, bool request) {
  const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(text, isControl)) return fault("holds a control character");
  if (text.empty() && request) return fault("is empty");
  GoUrl url;
  if (text == "*") {
    url.path = "*";
    return url;
  }
  const auto scheme = schemeLength(text);
  if (!scheme) return fault("has no scheme before its colon");
  std::string_view rest = text;
  if (*scheme > 0) {
    for (const char c : text.substr(0, *scheme)) url.scheme += lowerCase(c);
    rest = text.substr(*scheme + 1);
  }
  splitQuery(rest, url);
  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = rest;
      return url;
    }
    if (request) return fault("is not absolute: it must begin with a scheme, such as https://");
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos)
      return fault("begins with a part that holds a colon");
  }
  const bool mayHaveHost = !url.scheme.empty() || (!request && !rest.starts_with("///"));
  if (mayHaveHost && rest.starts_with("//")) {
    rest.remove_prefix(2);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    if (auto why = readAuthority(rest.substr(0, slash), url)) return fault(std::move(*why));
    rest.remove_prefix(slash);
  } else if (!url.scheme.empty() && rest.starts_with('/')) {
    url.omitHost = true;
  }
  auto path = decode(rest, Part::kOther);
  if (!path) return fault(std::move(path.error()));
  url.path = std::move(*path);
  return url;
}

/// Where the port begins in a host, its colon included; the host's size where there is none.
std::size_t portBegin(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  return colon != std::string_view::npos && isOptionalPort(host.substr(colon)) ? colon : host.size();
}

}  // namespace

std::string GoUrl::hostname() const {
  std::string_view name = std::string_view(host).substr(0, portBegin(host));
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  return std::string(name);
}

std::string GoUrl::port() const {
  const std::size_t begin = portBegin(host);
  return begin < host.size() ? host.substr(begin + 1) : "";
}

GoUrl::Parsed GoUrl::parseRequestUri(std::string_view text) {
  return parseWithoutFragment(text, /*request=*/true);
}

GoUrl::Parsed GoUrl::parse(std::string_view text) {
  const std::size_t hash = text.find('#');
  auto url = parseWithoutFragment(text.substr(0, hash), /*request=*/false);
  if (!url || hash == std::string_view::npos) return url;
  auto fragment = decode(text.substr(hash + 1), Part::kOther);
  if (!fragment) return fault(std::move(fragment.error()));
  url->fragment = std::move(*fragment);
  return url;
}

}  // namespace hydra_clients

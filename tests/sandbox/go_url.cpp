#include "go_url.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include "go_text.h"

namespace sandbox::go_url {
namespace {

enum class Part { path, path_segment, host, zone, user, query, fragment };
using Fault = std::string;
template <class T>
using Result = tl::expected<T, Fault>;

tl::unexpected<Fault> fault(std::string text) { return tl::unexpected<Fault>(std::move(text)); }

/// url.shouldEscape.
bool should_escape(char c, Part part) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return false;
  if (std::string_view("-_.~").find(c) != std::string_view::npos) return false;
  static constexpr std::array<std::string_view, 7> plain = {
      "$&+,/:;=@",           // path
      "$&+:=@",              // path segment
      "!$&'()*+,;=:[]<>\"",  // host
      "!$&'()*+,;=:[]<>\"",  // zone
      "$&+,;=",              // user
      "",                    // query
      "$&+,/:;=?@!()*",      // fragment
  };
  return plain[static_cast<std::size_t>(part)].find(c) == std::string_view::npos;
}

std::string escape(std::string_view text, Part part) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (!should_escape(c, part)) {
      out += c;
    } else if (c == ' ' && part == Part::query) {
      out += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

bool is_escape(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 && hex_digit(text[at + 2]) >= 0;
}

char escaped_byte(std::string_view text, std::size_t at) {
  return static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2]));
}

Result<std::string> unescape(std::string_view text, Part part) {
  const bool in_host = part == Part::host || part == Part::zone;
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '%') {
      const std::string three(text.substr(at, 3));
      if (!is_escape(text, at)) return fault("invalid URL escape " + go_quote(three));
      const char byte = escaped_byte(text, at);
      // A host may escape what is not ASCII, and "%25"; a zone also a space and what a host may hold anyway.
      if (part == Part::host && hex_digit(text[at + 1]) < 8 && three != "%25") {
        return fault("invalid URL escape " + go_quote(three));
      }
      if (part == Part::zone && three != "%25" && byte != ' ' && should_escape(byte, Part::host)) {
        return fault("invalid URL escape " + go_quote(three));
      }
      out += byte;
      at += 2;
    } else if (in_host && static_cast<unsigned char>(c) < 0x80 && should_escape(c, part)) {
      return fault("invalid character " + go_quote(std::string_view(&text[at], 1)) + " in host name");
    } else {
      out += c == '+' && part == Part::query ? ' ' : c;
    }
  }
  return out;
}

bool valid_userinfo(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:~!$&'()*+,;=%@").find(c) != std::string_view::npos;
  });
}

bool valid_optional_port(std::string_view port) {
  if (port.empty()) return true;
  return port[0] == ':' &&
         std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// What Go's netip.ParseAddr takes, and is not an IPv4 address.
bool is_ipv6(std::string_view address) {
  const auto zone = address.find('%');
  if (zone != std::string_view::npos && zone + 1 == address.size()) return false;
  const std::string number(address.substr(0, zone));
  in6_addr parsed{};
  return number.find('\0') == std::string::npos && inet_pton(AF_INET6, number.c_str(), &parsed) == 1;
}

Result<std::string> bracketed_host(std::string_view host) {
  const auto close = host.rfind(']');
  if (close == std::string_view::npos) return fault("missing ']' in host");
  const std::string_view port = host.substr(close + 1);
  if (!valid_optional_port(port)) return fault("invalid port " + go_quote(port) + " after host");
  const std::string_view name = host.substr(1, close - 1);
  const auto zone = name.find("%25");
  auto address = unescape(name.substr(0, zone), Part::host);
  if (!address) return address;
  if (zone != std::string_view::npos) {
    auto zone_text = unescape(name.substr(zone), Part::zone);
    if (!zone_text) return zone_text;
    *address += *zone_text;
  }
  if (!is_ipv6(*address)) return fault("invalid IP-literal");
  return "[" + *address + "]" + std::string(port);
}

Result<std::string> parse_host(std::string_view scheme, std::string_view host) {
  const auto open = host.rfind('[');
  if (open != std::string_view::npos) {
    if (open > 0) return fault("invalid IP-literal");
    return bracketed_host(host);
  }
  if (auto colon = host.find(':'); colon != std::string_view::npos) {
    // Go 1.26: only http and https insist that the first colon begins the port.
    if (scheme != "http" && scheme != "https") colon = host.rfind(':');
    if (!valid_optional_port(host.substr(colon))) {
      return fault("invalid port " + go_quote(host.substr(colon)) + " after host");
    }
  }
  return unescape(host, Part::host);
}

Result<void> parse_authority(Url& url, std::string_view authority) {
  const auto at = authority.rfind('@');
  const auto host =
      parse_host(url.scheme, at == std::string_view::npos ? authority : authority.substr(at + 1));
  if (!host) return tl::unexpected(host.error());
  url.host = *host;
  if (at == std::string_view::npos) return {};
  const std::string_view info = authority.substr(0, at);
  if (!valid_userinfo(info)) return fault("net/url: invalid userinfo");
  const auto colon = info.find(':');
  const auto username = unescape(info.substr(0, colon), Part::user);
  if (!username) return tl::unexpected(username.error());
  url.user = Userinfo{.username = *username, .password = {}, .password_set = colon != std::string_view::npos};
  if (colon != std::string_view::npos) {
    const auto password = unescape(info.substr(colon + 1), Part::user);
    if (!password) return tl::unexpected(password.error());
    url.user->password = *password;
  }
  return {};
}

/// url.getScheme: the scheme is moved into `url`, the rest is returned.
Result<std::string_view> take_scheme(Url& url, std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) continue;
    if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') {
      if (at == 0) return text;
      continue;
    }
    if (c != ':') return text;
    if (at == 0) return fault("missing protocol scheme");
    url.scheme = text.substr(0, at);
    for (char& letter : url.scheme) {
      if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return text.substr(at + 1);
  }
  return text;
}

Result<Url> parse_parts(std::string_view text, bool via_request) {
  if (std::any_of(text.begin(), text.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    return fault("net/url: invalid control character in URL");
  }
  if (text.empty() && via_request) return fault("empty url");
  Url url;
  if (text == "*") {
    url.path = "*";
    return url;
  }
  const auto taken = take_scheme(url, text);
  if (!taken) return tl::unexpected(taken.error());
  std::string_view rest = *taken;
  if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
    url.force_query = mark + 1 == rest.size();
    url.raw_query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = rest;
      return url;
    }
    if (via_request) return fault("invalid URI for request");
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos) {
      return fault("first path segment in URL cannot contain colon");
    }
  }
  if ((!url.scheme.empty() || (!via_request && !rest.starts_with("///"))) && rest.starts_with("//")) {
    const auto slash = rest.find('/', 2);
    const std::string_view authority = rest.substr(2, slash == std::string_view::npos ? slash : slash - 2);
    rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash);
    if (const auto parsed = parse_authority(url, authority); !parsed) return tl::unexpected(parsed.error());
  } else if (!url.scheme.empty() && rest.starts_with('/')) {
    url.omit_host = true;
  }
  const auto path = unescape(rest, Part::path);
  if (!path) return tl::unexpected(path.error());
  url.path = *path;
  if (escape(*path, Part::path) != rest) url.raw_path = rest;
  return url;
}

bool valid_encoded(std::string_view text, Part part) {
  return std::all_of(text.begin(), text.end(), [part](char c) {
    return std::string_view("!$&'()*+,;=:@[]%").find(c) != std::string_view::npos || !should_escape(c, part);
  });
}

std::string as_written(std::string_view raw, std::string_view decoded, Part part) {
  if (!raw.empty() && valid_encoded(raw, part)) {
    const auto again = unescape(raw, part);
    if (again && *again == decoded) return std::string(raw);
  }
  return escape(decoded, part);
}

std::pair<std::string_view, std::string_view> split_port(std::string_view host) {
  std::string_view port;
  if (const auto colon = host.rfind(':');
      colon != std::string_view::npos && valid_optional_port(host.substr(colon))) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {host, port};
}

}  // namespace

std::string Url::hostname() const { return std::string(split_port(host).first); }
std::string Url::port() const { return std::string(split_port(host).second); }

std::string Url::escaped_path() const { return path == "*" ? path : as_written(raw_path, path, Part::path); }

std::string Url::text() const {
  std::string out = scheme.empty() ? "" : scheme + ":";
  if (!opaque.empty()) {
    out += opaque;
  } else {
    const bool has_authority = !scheme.empty() || !host.empty() || user;
    if (has_authority && !(omit_host && host.empty() && !user)) {
      if (!host.empty() || !path.empty() || user) out += "//";
      if (user) out += user_text(*user) + "@";
      out += escape(host, Part::host);
    }
    const std::string written = escaped_path();
    if (!written.empty() && written[0] != '/' && !host.empty()) out += '/';
    if (out.empty() && written.substr(0, written.find('/')).find(':') != std::string::npos) out += "./";
    out += written;
  }
  if (force_query || !raw_query.empty()) out += "?" + raw_query;
  if (!fragment.empty()) out += "#" + as_written(raw_fragment, fragment, Part::fragment);
  return out;
}

tl::expected<Url, std::string> parse(std::string_view text) {
  const auto hash = text.find('#');
  const std::string_view before = text.substr(0, hash);
  auto url = parse_parts(before, /*via_request=*/false);
  if (!url) return tl::unexpected("parse " + go_quote(before) + ": " + url.error());
  if (hash == std::string_view::npos || hash + 1 == text.size()) return url;
  const std::string_view fragment = text.substr(hash + 1);
  const auto decoded = unescape(fragment, Part::fragment);
  if (!decoded) return tl::unexpected("parse " + go_quote(text) + ": " + decoded.error());
  url->fragment = *decoded;
  if (escape(*decoded, Part::fragment) != fragment) url->raw_fragment = fragment;
  return url;
}

tl::expected<Url, std::string> parse_request_uri(std::string_view text) {
  auto url = parse_parts(text, /*via_request=*/true);
  if (!url) return tl::unexpected("parse " + go_quote(text) + ": " + url.error());
  return url;
}

std::string user_text(const Userinfo& user) {
  std::string text = escape(user.username, Part::user);
  if (user.password_set) text += ":" + escape(user.password, Part::user);
  return text;
}

std::string query_escape(std::string_view text) { return escape(text, Part::query); }
std::string path_escape(std::string_view text) { return escape(text, Part::path_segment); }

std::optional<std::string> path_unescape(std::string_view text) {
  auto decoded = unescape(text, Part::path);
  if (!decoded) return std::nullopt;
  return std::move(*decoded);
}

Query parse_query(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const auto end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (pair.empty() || pair.find(';') != std::string_view::npos) continue;
    const auto equals = pair.find('=');
    const auto name = unescape(pair.substr(0, equals), Part::query);
    const auto value = unescape(
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), Part::query);
    if (name && value) query.emplace_back(*name, *value);
  }
  return query;
}

std::string query_value(const Query& query, std::string_view name) {
  const auto pair = std::find_if(query.begin(), query.end(), [&](const auto& p) { return p.first == name; });
  return pair == query.end() ? std::string{} : pair->second;
}

void query_set(Query& query, std::string_view name, std::string value) {
  std::erase_if(query, [&](const auto& p) { return p.first == name; });
  query.emplace_back(name, std::move(value));
}

std::string encode_query(Query query) {
  std::stable_sort(query.begin(), query.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [name, value] : query) {
    if (!text.empty()) text += '&';
    text += query_escape(name) + "=" + query_escape(value);
  }
  return text;
}

}  // namespace sandbox::go_url

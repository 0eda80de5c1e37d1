#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/go_url.h"
#include "manifest/rules/characters.h"
#include "manifest/rules/rule.h"

namespace hydra_clients::manifest {
namespace {

/// Probably a mistake, though Hydra takes it as it stands: why, and what to write instead.
struct Doubt {
  std::string why;
  std::string hint;
};

bool isLoopback(const std::string& host) {
  return host == "localhost" || host.ends_with(".localhost") || host == "::1" || host.starts_with("127.");
}

bool looksLikeAPort(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return digits > 0 && (digits == text.size() || text[digits] == '/');
}

bool isWeb(const GoUrl& uri) { return uri.scheme == "http" || uri.scheme == "https"; }

// Source: RFC 6749 §3.1.2, RFC 8252 §7 and §8 for what a redirect URI is for.
std::optional<Doubt> doubtAbout(const std::string& text, const GoUrl& uri) {
  constexpr int kHighestPort = 65535;
  constexpr std::array<std::string_view, 4> kRunning = {"javascript", "data", "vbscript", "file"};
  if (text == "*")
    return Doubt{"is no wildcard: Hydra compares redirect URIs letter by letter", "write out each URI"};
  if (uri.scheme.empty())
    return Doubt{"has no scheme and host: no browser can be sent there",
                 "write https:// and the host before it"};
  if (std::ranges::find(kRunning, uri.scheme) != kRunning.end())
    return Doubt{"has the scheme " + uri.scheme + ":, which runs or reads something in the browser", ""};
  if (looksLikeAPort(uri.opaque))
    return Doubt{"has the scheme \"" + uri.scheme + "\": its own scheme is missing",
                 "write http:// before it"};
  if (isWeb(uri) && uri.host.empty())
    return Doubt{"has no host", "write it as " + uri.scheme + "://host/path"};
  const std::string port = uri.port();
  if (port.size() > 5 || (!port.empty() && std::stoi(port) > kHighestPort))
    return Doubt{"has a port above 65535", ""};
  if (text.find(' ') != std::string::npos) return Doubt{"holds a space", "write %20"};
  if (const auto unseen = firstUnseen(text)) {
    return Doubt{"holds " + nameOf(*unseen) + ", which nobody sees: it leads elsewhere than it seems to",
                 "write it without, or as %XX where it is meant"};
  }
  if (uri.scheme == "http" && !isLoopback(uri.hostname())) {
    return Doubt{"is http: whoever listens on the way gets the code",
                 "write https://; http is for this machine's own addresses"};
  }
  return std::nullopt;
}

void checkRedirectUri(const RuleContext& context, const json::Value& uri, const std::string& pointer) {
  const auto parsed = GoUrl::parseRequestUri(uri.text);
  if (!parsed) {
    context.report("redirect-uri", pointer, uri, "a redirect URI " + parsed.error());
  } else if (uri.text.find('#') != std::string::npos) {
    context.report("redirect-uri-fragment", pointer, uri, "a redirect URI must not have a fragment (#)",
                   "leave out the # and what follows it");
  } else if (auto doubt = doubtAbout(uri.text, *parsed)) {
    context.report("redirect-uri-doubtful", pointer, uri, "a redirect URI that " + doubt->why,
                   std::move(doubt->hint));
  }
}

/// What Hydra compares of a post-logout redirect URI and a redirect URI.
bool sameOrigin(const GoUrl& a, const GoUrl& b) {
  return a.scheme == b.scheme && a.hostname() == b.hostname() && a.port() == b.port();
}

void checkPostLogoutUris(const RuleContext& context) {
  const json::Value* const list = context.client.find("post_logout_redirect_uris");
  if (list == nullptr || list->items.empty()) return;
  std::vector<GoUrl> redirects;
  for (const json::Value* redirect : context.strings("redirect_uris")) {
    if (auto parsed = GoUrl::parseRequestUri(redirect->text)) redirects.push_back(std::move(*parsed));
  }
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const json::Value& uri = list->items[i];
    if (!uri.isString()) continue;
    const std::string pointer = json::pointerTo("/post_logout_redirect_uris", i);
    const auto parsed = GoUrl::parseRequestUri(uri.text);
    if (!parsed) {
      context.report("redirect-uri", pointer, uri, "a post-logout redirect URI " + parsed.error());
    } else if (std::ranges::none_of(redirects,
                                    [&](const GoUrl& redirect) { return sameOrigin(redirect, *parsed); })) {
      context.report(
          "post-logout-mismatch", pointer, uri, "must have the scheme, host and port of one of redirect_uris",
          redirects.empty() ? "redirect_uris is empty: add the URI that users come back to at login" : "");
    }
  }
}

}  // namespace

// Source: ory/hydra client/validator.go (v1.9.2 to v26.2.0), Go net/url; RFC 6749 3.1.2 (no fragment).
void checkRedirects(const RuleContext& context) {
  const json::Value* const list = context.client.find("redirect_uris");
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    if (list->items[i].isString())
      checkRedirectUri(context, list->items[i], json::pointerTo("/redirect_uris", i));
  }
  checkPostLogoutUris(context);
}

}  // namespace hydra_clients::manifest

#include <algorithm>

#include "manifest/rules/rule.h"
#include "manifest/rules/uri_parts.h"

namespace hydra_clients::manifest {
namespace {

void checkRedirectUris(const RuleContext& context) {
  const json::Value* const list = context.client.find("redirect_uris");
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    const json::Value& uri = list->items[i];
    if (!uri.isString()) continue;
    const std::string pointer = json::pointerTo("/redirect_uris", i);
    if (const auto why = whyNoRequestUri(uri.text)) {
      context.report("redirect-uri", pointer, uri, "a redirect URI " + *why);
    } else if (uri.text.find('#') != std::string::npos) {
      context.report("redirect-uri-fragment", pointer, uri, "a redirect URI must not have a fragment (#)",
                     "leave out the # and what follows it");
    }
  }
}

/// Whether Hydra would find scheme, host and port of `uri` among the redirect URIs, or whether that cannot be
/// said here: false only where it certainly does not.
bool mayMatch(const json::Value& uri, const std::vector<const json::Value*>& redirects) {
  if (redirects.empty()) return false;
  const auto wanted = plainOrigin(uri.text);
  return !wanted || std::ranges::any_of(redirects, [&](const json::Value* redirect) {
    const auto origin = plainOrigin(redirect->text);
    return !origin || *origin == *wanted;
  });
}

void checkPostLogoutUris(const RuleContext& context) {
  const json::Value* const list = context.client.find("post_logout_redirect_uris");
  if (list == nullptr) return;
  const std::vector<const json::Value*> redirects = context.strings("redirect_uris");
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const json::Value& uri = list->items[i];
    if (!uri.isString()) continue;
    const std::string pointer = json::pointerTo("/post_logout_redirect_uris", i);
    if (const auto why = whyNoRequestUri(uri.text)) {
      context.report("redirect-uri", pointer, uri, "a post-logout redirect URI " + *why);
    } else if (!mayMatch(uri, redirects)) {
      context.report(
          "post-logout-mismatch", pointer, uri, "must have the scheme, host and port of one of redirect_uris",
          redirects.empty() ? "redirect_uris is empty: add the URI that users come back to at login" : "");
    }
  }
}

}  // namespace

// Source: ory/hydra client/validator.go (v1.9.2 to v26.2.0), Go net/url; RFC 6749 3.1.2 (no fragment).
void checkRedirects(const RuleContext& context) {
  checkRedirectUris(context);
  checkPostLogoutUris(context);
}

}  // namespace hydra_clients::manifest

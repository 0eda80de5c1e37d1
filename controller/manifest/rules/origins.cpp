#include <optional>
#include <string>

#include "client/go_url.h"
#include "manifest/rules/rule.h"

namespace hydra_clients::manifest {
namespace {

/// Why Hydra refuses the origin, or nothing.
std::optional<std::string> whyNoOrigin(std::string_view origin) {
  const auto url = GoUrl::parse(origin);
  if (!url) return url.error();
  if (url->scheme != "http" && url->scheme != "https") return "must begin with https:// or http://";
  if (url->userinfo && !url->userinfo->empty()) return "must not name a user";
  if (!url->fragment.empty()) return "must not have a fragment (#)";
  if (!url->query.empty()) return "must not have a query (?)";
  if (url->path.find_first_not_of('/') != std::string::npos) return "must not have a path";
  return std::nullopt;
}

}  // namespace

// Source: ory/hydra client/validator.go (v1.9.2 to v26.2.0): scheme, user, path, query and fragment.
void checkOrigins(const RuleContext& context) {
  const json::Value* const list = context.client.find("allowed_cors_origins");
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    const json::Value& origin = list->items[i];
    if (!origin.isString()) continue;
    if (const auto why = whyNoOrigin(origin.text)) {
      context.report(
          "cors-origin", json::pointerTo("/allowed_cors_origins", i), origin, "a CORS origin " + *why,
          origin.text == "*" ? "to allow all origins, set Hydra's serve.public.cors.allowed_origins"
                             : "an origin is scheme, host and perhaps a port: https://shop.example:8443");
    }
  }
}

}  // namespace hydra_clients::manifest

#include <optional>

#include "manifest/rules/rule.h"
#include "manifest/rules/uri_parts.h"

namespace hydra_clients::manifest {
namespace {

/// Why Hydra certainly refuses the origin, or nothing.
std::optional<std::string> whyNoOrigin(std::string_view origin) {
  if (hasControlCharacter(origin)) return "holds a control character";
  const std::size_t hash = origin.find('#');
  const auto scheme = splitScheme(origin.substr(0, hash));
  if (!scheme || (scheme->name != "http" && scheme->name != "https"))
    return "must begin with https:// or http://";
  if (hash != std::string_view::npos && hash + 1 < origin.size()) return "must not have a fragment (#)";
  std::string_view rest = scheme->rest;
  const std::size_t question = rest.find('?');
  if (question != std::string_view::npos && question + 1 < rest.size()) return "must not have a query (?)";
  rest = rest.substr(0, question);
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const std::size_t slash = rest.find('/');
    const std::string_view authority = rest.substr(0, slash);
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos && at > 0) return "must not name a user";
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  } else if (!rest.starts_with('/')) {
    return std::nullopt;  // "https:a.example": Hydra keeps it as it is
  }
  const bool onlySlashes = rest.find_first_not_of('/') == std::string_view::npos;
  const bool mayDecodeToSlashes = rest.find('%') != std::string_view::npos;
  if (!onlySlashes && !mayDecodeToSlashes) return "must not have a path";
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

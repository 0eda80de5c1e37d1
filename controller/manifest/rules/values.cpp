#include <algorithm>
#include <array>

#include "client/ascii.h"
#include "client/duration.h"
#include "client/edit_distance.h"
#include "client/fields.h"
#include "client/go_url.h"
#include "manifest/rules/rule.h"

namespace hydra_clients::manifest {
namespace {

constexpr HydraVersion kV25_4{25, 4, 0};
constexpr HydraVersion kV26_2{26, 2, 0};
constexpr std::array<std::string_view, 4> kAuthMethods = {"client_secret_basic", "client_secret_post", "none",
                                                          "private_key_jwt"};

/// A field that this version of Hydra does not know is dropped unseen, so its value cannot be refused.
bool isKnown(const RuleContext& context, std::string_view name) {
  const Field* const field = findField(name);
  return field != nullptr && field->knownBy(context.hydra);
}

// Source: ory/x sqlxx.NullDuration, which asks Go's time.ParseDuration.
void checkDurations(const RuleContext& context) {
  for (const json::Member& member : context.client.members) {
    const Field* const field = findField(member.name);
    if (field == nullptr || field->type != FieldType::kDuration || !member.value.isString()) continue;
    if (!field->knownBy(context.hydra) || parseGoDuration(member.value.text)) continue;
    context.reportField("duration", member.name,
                        "is no duration: numbers with a unit each, ns, us, ms, s, m or h",
                        member.value.text.empty() ? "write null, or leave it out, for Hydra's own setting"
                                                  : "such as \"90s\" or \"1h30m\"");
  }
}

// Source: ory/hydra driver/config ToAccessTokenStrategyType (v2.1 and newer), which lowers the case.
void checkStrategy(const RuleContext& context) {
  const std::string strategy = lowerCase(context.text("access_token_strategy"));
  if (strategy.empty() || !isKnown(context, "access_token_strategy")) return;
  if (strategy == "jwt" || strategy == "opaque") return;
  context.reportField("access-token-strategy", "access_token_strategy", "must be \"jwt\" or \"opaque\"");
}

// Source: ory/hydra client/validator.go: tos_uri since v25.4, the other three since v26.2.
void checkPageUris(const RuleContext& context) {
  for (const std::string_view name : {"tos_uri", "policy_uri", "logo_uri", "client_uri"}) {
    const std::string_view uri = context.text(name);
    if (uri.empty() || context.hydra < (name == "tos_uri" ? kV25_4 : kV26_2)) continue;
    const auto url = GoUrl::parseRequestUri(uri);
    if (!url || (url->scheme != "http" && url->scheme != "https")) {
      context.reportField("page-uri", name, "must be an address that begins with https:// or http://");
    }
  }
}

void checkSector(const RuleContext& context) {
  const std::string_view uri = context.text("sector_identifier_uri");
  if (uri.empty()) return;
  const auto url = GoUrl::parse(uri);
  if (!url || url->scheme != "https") {
    context.reportField("sector-identifier-uri", "sector_identifier_uri", "must begin with https://");
  }
}

// Source: ory/hydra client/validator.go fills in its default where the text is empty.
void checkScope(const RuleContext& context) {
  const json::Value* const scope = context.stated("scope");
  if (scope != nullptr && !(scope->isString() && scope->text.empty())) return;
  context.reportField(
      "scope-default", "scope",
      "scope is not stated, so Hydra will store its default (offline_access offline openid, unless "
      "configured otherwise)",
      "state what the client needs, such as \"openid\"");
}

// Hydra checks this name nowhere; fosite authenticates by these four.
void checkAuthMethod(const RuleContext& context) {
  const std::string_view method = context.text("token_endpoint_auth_method");
  if (method.empty() || std::ranges::find(kAuthMethods, method) != kAuthMethods.end()) return;
  const auto near = nearest(method, kAuthMethods);
  context.reportField(
      "unknown-auth-method", "token_endpoint_auth_method",
      "Hydra can check client_secret_basic, client_secret_post, private_key_jwt and none only",
      near ? "did you mean " + json::quote(*near) + "?" : "");
}

}  // namespace

void checkValues(const RuleContext& context) {
  checkDurations(context);
  checkStrategy(context);
  checkPageUris(context);
  checkSector(context);
  checkScope(context);
  checkAuthMethod(context);
}

}  // namespace hydra_clients::manifest

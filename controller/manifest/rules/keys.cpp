#include <algorithm>
#include <array>

#include "manifest/rules/rule.h"
#include "manifest/rules/web_key.h"

namespace hydra_clients::manifest {
namespace {

constexpr HydraVersion kV25{25, 0, 0};
constexpr std::array<std::string_view, 9> kAlgorithms = {"ES256", "ES384", "ES512", "PS256", "PS384",
                                                         "PS512", "RS256", "RS384", "RS512"};

/// Whether this Hydra counts jwks as set: before v25 any object, {} included (it looks at the pointer); since
/// then only one that holds a key set.
bool countsAsSet(const json::Value* jwks, const HydraVersion& hydra) {
  if (jwks == nullptr || !jwks->isObject()) return false;
  return hydra < kV25 || jwks->find("keys") != nullptr;
}

void checkKeySet(const RuleContext& context, const json::Value& jwks) {
  if (!jwks.isObject() || jwks.members.empty() || jwks.find("keys") != nullptr) return;
  const bool isBareKey = jwks.find("kty") != nullptr;
  context.reportField("jwks-without-keys", "jwks",
                      "a key set has a member \"keys\"; Hydra would store an empty key set instead of this",
                      isBareKey ? "put the key into a set: {\"keys\": [ … ]}" : "");
}

void checkEachKey(const RuleContext& context, const json::Value& jwks) {
  const json::Value* const keys = jwks.isObject() ? jwks.find("keys") : nullptr;
  for (std::size_t i = 0; keys != nullptr && i < keys->items.size(); ++i) {
    const json::Value& key = keys->items[i];
    const std::string pointer = json::pointerTo("/jwks/keys", i);
    for (WebKeyFault& fault : faultsOf(key, context.hydra)) {
      const json::Value* const member =
          fault.member.empty() || !key.isObject() ? nullptr : key.find(fault.member);
      const std::string where = member != nullptr ? json::pointerTo(pointer, fault.member) : pointer;
      const std::string subject = fault.member.empty() ? "" : fault.member + " ";
      context.report("json-web-key", where, member != nullptr ? *member : key, subject + fault.message);
    }
    if (isPrivate(key)) {
      context.report(
          "jwks-private-key", pointer, key,
          "the key holds its private part, which Hydra stores and shows: its owner is the application alone",
          "leave d, p, q, dp, dq and qi out, and make a new key: this one has been told");
    }
  }
}

void checkPrivateKeyJwt(const RuleContext& context, bool hasKeys) {
  if (context.text("token_endpoint_auth_method") != "private_key_jwt") return;
  if (!hasKeys && context.text("jwks_uri").empty()) {
    context.reportField("private-key-jwt-keys", "token_endpoint_auth_method",
                        "private_key_jwt needs the client's public keys: jwks or jwks_uri");
  }
  const std::string_view algorithm = context.text("token_endpoint_auth_signing_alg");
  if (!algorithm.empty() && std::ranges::find(kAlgorithms, algorithm) == kAlgorithms.end()) {
    context.reportField("private-key-jwt-algorithm", "token_endpoint_auth_signing_alg",
                        "must be RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or ES512 with "
                        "private_key_jwt");
  }
}

}  // namespace

// Source: ory/hydra client/validator.go (v1.9.2 to v26.2.0).
void checkKeys(const RuleContext& context) {
  const json::Value* const jwks = context.stated("jwks");
  if (jwks != nullptr) {
    checkKeySet(context, *jwks);
    checkEachKey(context, *jwks);
  }
  const bool hasKeys = countsAsSet(jwks, context.hydra);
  checkPrivateKeyJwt(context, hasKeys);
  if (hasKeys && !context.text("jwks_uri").empty()) {
    context.reportField("jwks-and-jwks-uri", "jwks_uri", "jwks and jwks_uri cannot both be set",
                        jwks->members.empty() ? "this Hydra counts an empty jwks as set; leave it out"
                                              : "leave out one of the two");
  }
}

}  // namespace hydra_clients::manifest

#include "manifest/rules/examples.h"

#include <algorithm>
#include <array>

namespace hydra_clients::manifest {
namespace {

constexpr std::array kExamples = std::to_array<RuleExample>({
    {"access-token-strategy",
     R"({"client_id": "api", "scope": "read", "access_token_strategy": "reference"})", ""},
    {"client-id-case",
     R"([{"client_id": "Shop", "scope": "openid"}, {"client_id": "shop", "scope": "openid"}])", ""},
    {"client-id-missing", R"({"client_name": "Shop", "scope": "openid"})", ""},
    {"client-id-without-url", R"({"client_id": "team/shop", "scope": "openid"})", "v2.3.0"},
    {"column-width", R"({"client_id": "api", "scope": "read", "request_object_signing_alg": "RSA-PSS-256"})",
     ""},
    {"cors-origin",
     R"({"client_id": "spa", "scope": "openid", "allowed_cors_origins": ["https://app.example.com/path"]})",
     ""},
    {"duplicate-client-id",
     R"([{"client_id": "shop", "scope": "openid"}, {"client_id": "shop", "scope": "email"}])", ""},
    {"duration",
     R"({"client_id": "api", "scope": "read", "client_credentials_grant_access_token_lifespan": "1 hour"})",
     ""},
    {"file-empty", "", ""},
    {"json-duplicate-key", R"({"client_id": "shop", "scope": "openid", "Scope": "email"})", ""},
    {"json-number", R"({"client_id": "shop", "scope": "openid", "metadata": {"limit": 1e999}})", ""},
    {"json-surrogate", R"({"client_id": "shop", "scope": "openid", "client_name": "\ud83d"})", ""},
    {"json-syntax", R"({"client_id": "shop", "scope": "openid",})", ""},
    {"json-web-key",
     R"({"client_id": "api", "scope": "read", "jwks": {"keys": [{"kty": "RSA", "e": "AQAB"}]}})", ""},
    {"jwks-and-jwks-uri",
     R"({"client_id": "api", "scope": "read", "jwks_uri": "https://api.example.com/keys",
 "jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}})",
     ""},
    {"jwks-private-key",
     R"({"client_id": "api", "scope": "read", "jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}})", ""},
    {"jwks-without-keys", R"({"client_id": "api", "scope": "read", "jwks": {"kty": "RSA", "n": "AQAB"}})",
     ""},
    {"list-separator",
     R"({"client_id": "shop", "scope": "openid", "redirect_uris": ["https://shop.example.com/cb?a=x||y"]})",
     "v1.11"},
    {"metadata-cannot-be-stamped", R"({"client_id": "api", "scope": "read", "metadata": ["team-a"]})", ""},
    {"not-a-client", R"(["shop", "api"])", ""},
    {"not-allowed", R"({"client_id": "api", "scope": "read", "subject_type": "private"})", ""},
    {"page-uri", R"({"client_id": "shop", "scope": "openid", "tos_uri": "shop.example.com/terms"})", ""},
    {"post-logout-mismatch",
     R"({"client_id": "shop", "scope": "openid", "redirect_uris": ["https://shop.example.com/callback"],
 "post_logout_redirect_uris": ["https://www.example.com/goodbye"]})",
     ""},
    {"private-key-jwt-algorithm",
     R"({"client_id": "api", "scope": "read", "token_endpoint_auth_method": "private_key_jwt",
 "token_endpoint_auth_signing_alg": "HS256", "jwks_uri": "https://api.example.com/keys"})",
     ""},
    {"private-key-jwt-keys",
     R"({"client_id": "api", "scope": "read", "token_endpoint_auth_method": "private_key_jwt"})", ""},
    {"public-client-secret",
     R"({"client_id": "spa", "scope": "openid", "token_endpoint_auth_method": "none",
 "client_secret_from": {"file": "spa"}})",
     ""},
    {"read-only-field", R"({"client_id": "shop", "scope": "openid", "created_at": "2024-05-01T10:00:00Z"})",
     ""},
    {"redirect-uri",
     R"({"client_id": "shop", "scope": "openid", "redirect_uris": ["shop.example.com/callback"]})", ""},
    {"redirect-uri-doubtful",
     R"({"client_id": "shop", "scope": "openid", "redirect_uris": ["http://shop.example.com/callback"]})",
     ""},
    {"redirect-uri-fragment",
     R"({"client_id": "shop", "scope": "openid", "redirect_uris": ["https://shop.example.com/#/callback"]})",
     ""},
    {"required-field", R"({"client_id": "api", "scope": "read", "jwks": {"keys": [{"kid": "main"}]}})", ""},
    {"scope-comma", R"({"client_id": "shop", "scope": "openid,email"})", ""},
    {"scope-default", R"({"client_id": "shop"})", ""},
    {"secret-file", R"({"client_id": "api", "scope": "read", "client_secret_from": {"file": "../api"}})", ""},
    {"secret-in-clear", R"({"client_id": "api", "scope": "read", "client_secret": "s3cret-value"})", ""},
    {"secret-missing", R"({"client_id": "api", "scope": "read"})", ""},
    {"secret-stated-twice",
     R"({"client_id": "api", "scope": "read", "client_secret": "s3cret-value", "client_secret_from": {"file": "api"}})",
     ""},
    {"secret-too-long",
     R"({"client_id": "api", "scope": "read",
 "client_secret": "one-two-three-four-five-six-seven-eight-nine-ten-eleven-twelve-thirteen-fourteen"})",
     "v1.11"},
    {"secret-too-short", R"({"client_id": "api", "scope": "read", "client_secret": "12345"})", ""},
    {"secret-variable",
     R"({"client_id": "api", "scope": "read", "client_secret_from": {"env": "API_SECRET"}})", ""},
    {"sector-identifier-uri",
     R"({"client_id": "shop", "scope": "openid", "sector_identifier_uri": "http://shop.example.com/ids.json"})",
     ""},
    {"size", R"({"client_id": "api", "scope": "read", "client_secret_from": {}})", ""},
    {"subject-type-pairwise", R"({"client_id": "shop", "scope": "openid", "subject_type": "pairwise"})", ""},
    {"unexpanded-variable", R"({"client_id": "api", "scope": "read", "client_secret": "${API_SECRET}"})", ""},
    {"unknown-auth-method",
     R"({"client_id": "api", "scope": "read", "token_endpoint_auth_method": "client_secret"})", ""},
    {"unknown-field", R"({"client_id": "shop", "scopes": "openid"})", ""},
    {"unknown-grant-type", R"({"client_id": "api", "scope": "read", "grant_types": ["client-credentials"]})",
     ""},
    {"unknown-to-version", R"({"client_id": "shop", "scope": "openid", "skip_consent": true})", "v1.11"},
    {"wrapper-object", R"({"clients": [{"client_id": "shop", "scope": "openid"}]})", ""},
    {"wrong-type", R"({"client_id": "shop", "scope": ["openid", "email"]})", ""},
});
static_assert(std::ranges::is_sorted(kExamples, {}, &RuleExample::rule));

}  // namespace

std::span<const RuleExample> ruleExamples() { return kExamples; }

const RuleExample* exampleOf(std::string_view rule) {
  const auto found = std::ranges::lower_bound(kExamples, rule, {}, &RuleExample::rule);
  return found != kExamples.end() && found->rule == rule ? &*found : nullptr;
}

}  // namespace hydra_clients::manifest

#include "gate_rows.h"

#include <string_view>

#include "client/fields.h"

namespace hydra_clients::contract {
namespace {

using Values = std::vector<const char*>;

const Values kEmpty{"null"};
const Values kWords{R"("")", R"("x")", R"("two words")", R"("Bücher & <b>\"quoted\"</b> \\ / \u2028 😀")",
                    R"("a|b")"};
const Values kUris{R"("")", R"("https://app.example/path?x=1&y=%20#part")", R"("HTTPS://App.Example")",
                   R"("https://bücher.example/ü")", R"("http://[::1]:8080/")"};
const Values kBooleans{"true", "false"};
const Values kSets{"[]",
                   "[null]",
                   R"([""])",
                   R"(["a"])",
                   R"(["b","a"])",
                   R"(["a","a","b"])",
                   R"(["a|b","c"])",
                   R"(["|"])",
                   R"(["first","a\\","last"])",
                   R"(["<ü & 😀>"])"};
const Values kUriSets{"[]",
                      R"(["https://app.example/cb"])",
                      R"(["https://app.example/b","https://app.example/a"])",
                      R"(["https://app.example/cb","https://app.example/cb"])",
                      R"(["https://app.example/a|b"])",
                      R"(["https://app.example/ü?q=ö"])",
                      R"(["com.example.app:/callback"])",
                      R"(["https://app.example"])",
                      R"(["https://app.example/"])",
                      R"(["HTTPS://APP.example/cb"])"};
const Values kScopes{R"("")",
                     R"("openid")",
                     R"("openid offline profile")",
                     R"("profile  openid offline")",
                     R"(" openid ")",
                     R"("openid openid")",
                     R"("<a> ü")"};
const Values kOriginLists{"[]",
                          R"(["https://app.example"])",
                          R"(["https://app.example/"])",
                          R"(["HTTPS://app.example"])",
                          R"(["Https://App.Example:8443"])",
                          R"(["https://b.example/","http://a.example"])",
                          R"(["https://bücher.example"])",
                          R"(["http://[::1]:3000"])",
                          R"(["https://a.example:"])",
                          R"(["https://a.example?"])",
                          R"(["https://a.example#"])",
                          R"(["https://@a.example"])",
                          R"(["https:a.example"])",
                          R"(["https://"])",
                          R"(["https://a.example/%2f"])",
                          R"(["https://a.example:99999"])",
                          R"(["http://*.example"])"};
const Values kDurations{R"("90m")",
                        R"("1h")",
                        R"("1h0m0s")",
                        R"("3600s")",
                        R"("1.5s")",
                        R"("100ms")",
                        R"("1us")",
                        R"("1µs")",
                        R"("1ns")",
                        R"("0s")",
                        R"("0")",
                        R"("-5m")",
                        R"("1h1m1.5s")",
                        R"(".5h")",
                        R"("1.h")",
                        R"("+1h")",
                        R"("0.0000000001s")",
                        R"("2562047h47m16.854775807s")"};
const Values kStrategies{R"("")", R"("jwt")", R"("JWT")", R"("opaque")", R"("Opaque")"};
const Values kMetadata{
    R"({})",
    R"({"a":1})",
    R"({"a":1.0,"b":1e2,"c":100,"d":-0,"e":0.1,"f":1E+2})",
    R"({"big":12345678901234567890123,"tiny":1e-300,"exact":0.1000000000000000055511151231257827})",
    R"({"html":"<script>&amp;</script>","separators":"\u2028\u2029"})",
    R"({"b":{"d":[1,{"e":null}],"c":{}},"a":[]})",
    R"({"ünïcode":"😀","escaped":"\ud83d\ude00","slash":"\/","nul":"\u0000"})",
    R"({"":"empty name","quotes":"\"\\"})",
    R"({"spaces" : [ 1 , 2 ] })",
    R"({"null":null,"true":true,"false":false})",
    R"({"hydra_clients":{"import":"stamp"}})",
    R"({"hydra_clients":{"import":"stamp","mine":1},"a":1})",
    R"("text")",
    R"("")",
    "5",
    "true",
    "false",
    "[1,2]",
    "[]"};

constexpr const char* kEcKey =
    R"("kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM")";
constexpr const char* kRsaKey =
    R"("kty":"RSA","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw")";
constexpr const char* kOkpKey =
    R"("kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";
constexpr const char* kOctKey = R"("kty":"oct","k":"GawgguFyGrWKav7AX4VKUg")";

std::string keySet(const std::string& keys) { return "{\"keys\":[" + keys + "]}"; }
std::string key(const char* members, const char* more = "") {
  return std::string("{") + more + (*more == '\0' ? "" : ",") + members + "}";
}

std::vector<std::string> keySets() {
  std::vector<std::string> sets{"{}", R"({"keys":[]})", R"({"keys":null})"};
  for (const char* members : {kEcKey, kRsaKey, kOkpKey, kOctKey}) {
    sets.push_back(keySet(key(members)));
    sets.push_back(keySet(key(members, R"("kid":"one","use":"sig")")));
    sets.push_back(keySet(key(members, R"("kid":"","use":"")")));
    sets.push_back(keySet(key(members, R"("key_ops":["verify"],"ext":true,"custom":{"a":1})")));
    sets.push_back(keySet(key(members, R"("alg":"ES256","x5c":[],"x5t":null)")));
  }
  sets.push_back(keySet(key(kEcKey, R"("kid":"b")") + "," + key(kRsaKey, R"("kid":"a")")));
  sets.push_back(keySet(key(kEcKey) + "," + key(kEcKey)));
  sets.push_back("{\"Keys\":[" + key(kEcKey) + "]}");
  sets.push_back("{\"more\":1,\"keys\":[" + key(kEcKey) + "]}");
  sets.push_back(key(kEcKey));
  sets.push_back(keySet(R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4=",)"
                        R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM="})"));
  sets.push_back(keySet(R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
                        R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyN"})"));
  sets.push_back(keySet(key(kOkpKey, R"("d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")")));
  return sets;
}

std::vector<std::string> copy(const Values& values) { return {values.begin(), values.end()}; }

std::vector<std::string> valuesOf(const Field& field) {
  const std::string_view name = field.name;
  switch (field.type) {
    case FieldType::kBoolean:
      return copy(kBooleans);
    case FieldType::kStringSet:
      return copy(name.ends_with("_uris") ? kUriSets : kSets);
    case FieldType::kScope:
      return copy(kScopes);
    case FieldType::kOrigins:
      return copy(kOriginLists);
    case FieldType::kDuration:
      return copy(kDurations);
    case FieldType::kStrategy:
      return copy(kStrategies);
    case FieldType::kKeySet:
      return keySets();
    case FieldType::kMetadata:
      return copy(kMetadata);
    default:
      break;
  }
  if (name.ends_with("_uri")) return copy(kUris);
  if (name == "subject_type") return {R"("")", R"("public")"};
  if (name == "userinfo_signed_response_alg") return {R"("")", R"("none")", R"("RS256")"};
  if (name == "token_endpoint_auth_method") {
    return {R"("")", R"("none")", R"("client_secret_post")", R"("client_secret_basic")",
            R"("client_secret_jwt")"};
  }
  if (name.ends_with("_alg")) return {R"("")", R"("RS256")", R"("none")"};
  return copy(kWords);
}

/// A row that differs from the plain client in this one field.
GateRow rowOf(const Field& field, const std::string& value) {
  const std::string name(field.name);
  std::string client = "{\"" + name + "\":" + value;
  if (name != "redirect_uris") client += R"(,"redirect_uris":["https://app.example/cb"])";
  return {name, client + "}"};
}

/// Clients as people write them, many fields at once.
std::vector<GateRow> wholeClients() {
  return {
      {"client", "{}"},
      {"client",
       R"({"client_name":"web","grant_types":["refresh_token","authorization_code"],"response_types":["id_token","code"],)"
       R"("scope":"offline openid","redirect_uris":["https://app.example/cb","http://127.0.0.1:3000/cb"],)"
       R"("post_logout_redirect_uris":["https://app.example/bye"],"audience":["https://api.example","api"],)"
       R"("contacts":["a@example.com"],"owner":"team","policy_uri":"https://app.example/policy",)"
       R"("tos_uri":"https://app.example/tos","logo_uri":"https://app.example/logo.png"})"},
      {"client",
       R"({"client_name":"","owner":"","scope":"","grant_types":[],"response_types":null,"redirect_uris":null,)"
       R"("audience":[],"contacts":[],"allowed_cors_origins":[],"jwks":{},"metadata":{},"jwks_uri":"",)"
       R"("skip_consent":false,"skip_logout_consent":null,"subject_type":"","token_endpoint_auth_method":"",)"
       R"("userinfo_signed_response_alg":"","backchannel_logout_session_required":false,)"
       R"("access_token_strategy":"","request_uris":[],"post_logout_redirect_uris":[]})"},
      {"client",
       "{\"token_endpoint_auth_method\":\"private_key_jwt\",\"token_endpoint_auth_signing_alg\":\"ES256\","
       "\"jwks\":" +
           keySet(key(kEcKey, R"("kid":"k","use":"sig","alg":"ES256","key_ops":["verify"],"ext":true)")) +
           "}"},
      {"client",
       R"({"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://app.example/jwks.json",)"
       R"("token_endpoint_auth_signing_alg":"PS512"})"},
      {"client",
       R"({"token_endpoint_auth_method":"none","grant_types":["implicit"],"response_types":["token","id_token token"]})"},
  };
}

}  // namespace

std::vector<GateRow> gateRows() {
  std::vector<GateRow> rows = wholeClients();
  for (const Field& field : allFields()) {
    if (!field.compared()) continue;
    for (const char* value : kEmpty) rows.push_back(rowOf(field, value));
    for (const std::string& value : valuesOf(field)) rows.push_back(rowOf(field, value));
  }
  return rows;
}

}  // namespace hydra_clients::contract

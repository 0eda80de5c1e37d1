#include <gmock/gmock.h>

#include "manifest/rules/rule.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

ReadingOptions by(HydraVersion version) {
  ReadingOptions options;
  options.hydra = version;
  return options;
}

std::string list(std::string_view name, std::string_view item) {
  return ", " + json::quote(name) + ": [" + json::quote(item) + "]";
}

TEST(RedirectRule, SaysNothingOfWhatPeopleUse) {
  for (const std::string_view uri :
       {"https://a.example/cb", "http://127.0.0.1:8080/cb", "http://localhost/cb", "http://[::1]:1/cb",
        "com.example.app:/cb", "com.example.app://cb", "urn:ietf:wg:oauth:2.0:oob",
        "https://a.example/cb?x=%20", "https://b\u00FCcher.example/cb", "https://a\"<>,b/"}) {
    EXPECT_THAT(rulesBrokenBy(list("redirect_uris", uri)), IsEmpty()) << uri;
  }
}

TEST(RedirectRule, DoubtsWhatHydraTakesAndNobodyCanMean) {
  // hydra-admin-api facts: accepted by v1.9.2, v1.11.10, v2.3.0 and v26.2.0 alike.
  for (const std::string_view uri :
       {"*", "//host", "https:", "https://", "localhost:8080/cb", "localhost:3000",
        "https://a.example:99999/", "https://a.example/a b", "javascript:x", "data:x", "/cb",
        "https:/localhost/callback", "http://a.example/cb", "https://a.example\u200B/cb",
        "https://a.example/\u202Ebc", "https://a.example/cb\uFEFF", "https://a.example/\u2028"}) {
    EXPECT_THAT(rulesBrokenBy(list("redirect_uris", uri)), ElementsAre("redirect-uri-doubtful")) << uri;
  }
}

TEST(RedirectRule, RefusesWhatHydraRefuses) {
  for (const std::string_view uri :
       {"", "cb", "a.example/cb", "my_app:/cb", ":8080/cb", "https://a.example/\x01", "?x", "1a:b",
        "https://a.example:x/cb", "https://a b/cb", "https://a.example/%zz", "https://::1/cb",
        "https://[name]/cb", "https://%41.example/cb", "https://u ser@a.example/cb", "https://a{b}/cb"}) {
    EXPECT_THAT(rulesBrokenBy(list("redirect_uris", uri)), ElementsAre("redirect-uri")) << uri;
  }
  EXPECT_THAT(rulesBrokenBy(list("redirect_uris", "https://a.example/#x")),
              ElementsAre("redirect-uri-fragment"));
  EXPECT_THAT(rulesBrokenBy(list("redirect_uris", "https://a.example/#")),
              ElementsAre("redirect-uri-fragment"));
}

std::string logout(std::string_view redirect, std::string_view logoutUri) {
  return list("redirect_uris", redirect) + list("post_logout_redirect_uris", logoutUri);
}

TEST(PostLogoutRule, WantsSchemeHostAndPortOfARedirectUri) {
  EXPECT_THAT(rulesBrokenBy(logout("https://a.example/cb", "https://a.example/bye?x=1")), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(logout("HTTPS://a.example:8443/cb", "https://a.example:8443")), IsEmpty());
  for (const std::string_view uri : {"http://a.example/", "https://b.example/", "https://a.example:443/",
                                     "https://A.example/", "com.app:/bye", "/bye"}) {
    EXPECT_THAT(rulesBrokenBy(logout("https://a.example/cb", uri)), ElementsAre("post-logout-mismatch"))
        << uri;
  }
  EXPECT_THAT(rulesBrokenBy(list("post_logout_redirect_uris", "https://a.example/")),
              ElementsAre("post-logout-mismatch"));
  EXPECT_THAT(rulesBrokenBy(logout("https://a.example/cb", "bye")), ElementsAre("redirect-uri"));
}

TEST(PostLogoutRule, ComparesWhatHydraCompares) {
  const auto broken = [](const std::string& redirect, const std::string& uri) {
    auto rules = rulesBrokenBy(logout(redirect, uri));
    std::erase(rules, "redirect-uri-doubtful");
    return rules;
  };
  for (const auto& [redirect, uri] : std::vector<std::pair<std::string, std::string>>{
           {"https://u:p@a.example/cb", "https://a.example/"},
           {"https://a.example/cb", "https://a.example:/"},
           {"https://a.example/cb", "https://a.example/#x"},
           {"https://%C3%A9.example/cb", "https://\u00E9.example/"},
           {"https://[::1]/cb", "https://[::1]/bye"},
           {"*", "/bye"},
           {"/cb", "/bye"}}) {
    EXPECT_THAT(broken(redirect, uri), IsEmpty()) << redirect << " " << uri;
  }
  EXPECT_THAT(broken("https://[::1]:1/cb", "https://[::1]:2/bye"), ElementsAre("post-logout-mismatch"));
}

TEST(OriginRule, TakesWhateverHydraTakes) {
  for (const std::string_view origin :
       {"https://a.example", "http://a.example:8080", "https://a.example/", "HTTPS://a.example",
        "https://a.example///", "https:a.example", "https://@a.example", "https://a.example?",
        "https://a.example:", "https://a.example:99999", "https://a.example/%2f", "https://a.example#",
        "https://", "https://b\u00FCcher.example"}) {
    EXPECT_THAT(rulesBrokenBy(list("allowed_cors_origins", origin)), IsEmpty()) << origin;
  }
}

TEST(OriginRule, RefusesWhatIsNoOrigin) {
  for (const std::string_view origin :
       {"*", "", "a.example", "ftp://a.example", "null", "https://a.example/path", "https://u:p@a.example",
        "https://u@a.example", "https://a.example?x", "https://a.example#x", "https:/path", "//a.example",
        "https://a.example\x7f"}) {
    EXPECT_THAT(rulesBrokenBy(list("allowed_cors_origins", origin)), ElementsAre("cors-origin")) << origin;
  }
}

TEST(KeyRule, RefusesKeysBothInPlaceAndByAddress) {
  EXPECT_THAT(rulesBrokenBy(R"(, "jwks": {"keys": []}, "jwks_uri": "https://a.example/k")"),
              ElementsAre("jwks-and-jwks-uri"));
  EXPECT_THAT(rulesBrokenBy(R"(, "jwks": null, "jwks_uri": "https://a.example/k")"), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(R"(, "jwks": {"keys": []}, "jwks_uri": "")"), IsEmpty());
}

TEST(KeyRule, CountsAnEmptySetAsTheVersionDoes) {
  constexpr std::string_view kBoth = R"(, "jwks": {}, "jwks_uri": "https://a.example/k")";
  EXPECT_THAT(rulesBrokenBy(kBoth, by({2, 3, 0})), ElementsAre("jwks-and-jwks-uri"));
  EXPECT_THAT(rulesBrokenBy(kBoth, by({25, 4, 0})), IsEmpty());
  constexpr std::string_view kSigned = R"(, "jwks": {}, "token_endpoint_auth_method": "private_key_jwt")";
  EXPECT_THAT(rulesBrokenBy(kSigned, by({2, 3, 0})), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(kSigned, by({25, 4, 0})), ElementsAre("private-key-jwt-keys"));
}

TEST(KeyRule, FindsABareKeyWhereASetWasMeant) {
  EXPECT_THAT(rulesBrokenBy(R"(, "jwks": {"kty": "RSA", "n": "AQAB", "e": "AQAB"})"),
              ElementsAre("jwks-without-keys"));
}

TEST(KeyRule, AsksPrivateKeyJwtForKeysAndAnAlgorithmOfTheirKind) {
  constexpr std::string_view kMethod = R"(, "token_endpoint_auth_method": "private_key_jwt")";
  EXPECT_THAT(rulesBrokenBy(kMethod), ElementsAre("private-key-jwt-keys"));
  const std::string good = std::string(kMethod) + R"(, "jwks_uri": "https://a.example/k")";
  EXPECT_THAT(rulesBrokenBy(good), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(good + R"(, "token_endpoint_auth_signing_alg": "ES256")"), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(good + R"(, "token_endpoint_auth_signing_alg": "HS256")"),
              ElementsAre("private-key-jwt-algorithm"));
  EXPECT_THAT(rulesBrokenBy(R"(, "token_endpoint_auth_signing_alg": "HS256")"), IsEmpty());
}

TEST(SecretRule, RefusesASecretOfFewerThanSixBytes) {
  EXPECT_THAT(rulesBrokenBy(R"(, "client_secret": "five5")"), ElementsAre("secret-too-short"));
  EXPECT_THAT(rulesBrokenBy(R"(, "client_secret": "sixsix")"), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(", \"client_secret\": \"\xC3\xA4\xC3\xA4\xC3\xA4\""),
              IsEmpty());  // bytes, not characters
}

TEST(SecretRule, RefusesTwoSourcesOfOneSecret) {
  EXPECT_THAT(rulesBrokenBy(R"(, "client_secret": "sixsix", "client_secret_from": {"file": "a"})"),
              ElementsAre("secret-stated-twice"));
  EXPECT_THAT(rulesBrokenBy(R"(, "client_secret": "", "client_secret_from": {"file": "a"})"), IsEmpty());
}

std::string from(std::string_view kind, std::string_view value) {
  return ", \"client_secret_from\": {" + json::quote(kind) + ": " + json::quote(value) + "}";
}

TEST(SecretRule, WarnsOfAVariableThatIsNeverRead) {
  EXPECT_THAT(rulesBrokenBy(from("env", "HYDRA_CLIENTS_SECRET_SHOP")), IsEmpty());
  for (const std::string_view name : {"SHOP_SECRET", "", "hydra_clients_secret_shop", "HOME"})
    EXPECT_THAT(rulesBrokenBy(from("env", name)), ElementsAre("secret-variable")) << name;
  ReadingOptions options;
  options.secretsEnvPrefix = "SHOP_";
  EXPECT_THAT(rulesBrokenBy(from("env", "SHOP_SECRET"), options), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(from("env", "HYDRA_CLIENTS_SECRET_SHOP"), options),
              ElementsAre("secret-variable"));
}

TEST(SecretRule, WarnsOfAFileThatIsBelowNoFolder) {
  for (const std::string_view path :
       {"shop", "team/shop", "a/../shop", "./shop", "/run/secrets/shop", "..shop", "a//b", ".../shop"}) {
    EXPECT_THAT(rulesBrokenBy(from("file", path)), IsEmpty()) << path;
  }
  for (const std::string_view path :
       {"../shop", "a/../../shop", "..", ".", "", "/", "shop/", "a/..", "/../shop"}) {
    EXPECT_THAT(rulesBrokenBy(from("file", path)), ElementsAre("secret-file")) << path;
  }
}

TEST(SecretRule, WarnsOfASecretInTheClearWhereThatIsAskedForAndDoesNotShowIt) {
  ReadingOptions options;
  options.warnOfSecrets = true;
  const std::string_view stated = R"(, "client_secret": "not-to-be-shown")";
  EXPECT_THAT(rulesBrokenBy(stated, options), ElementsAre("secret-in-clear"));
  EXPECT_THAT(rulesBrokenBy(stated), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(R"(, "client_secret": "${SECRET}")", options),
              ElementsAre("unexpanded-variable"));
  for (const Fault& fault :
       readText("client.json", R"({"client_id": "a", "scope": "b", "client_secret": "not-to-be-shown"})",
                options)
           .allFaults()) {
    EXPECT_THAT(format(fault), Not(HasSubstr("not-to-be-shown")));
  }
}

TEST(SecretRule, WarnsOfAMissingSecretWhereThatIsAskedFor) {
  ReadingOptions options;
  options.warnOfSecrets = true;
  EXPECT_THAT(rulesBrokenBy("", options), ElementsAre("secret-missing"));
  EXPECT_THAT(rulesBrokenBy(R"(, "client_secret": null)", options), ElementsAre("secret-missing"));
  EXPECT_THAT(rulesBrokenBy(""), IsEmpty());
  for (const std::string_view more :
       {R"(, "token_endpoint_auth_method": "none")", R"(, "client_secret_from": {"file": "a"})",
        R"(, "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a.example/keys")"}) {
    EXPECT_THAT(rulesBrokenBy(more, options), IsEmpty()) << more;
  }
}

TEST(SecretRule, WarnsOfAPublicClientWithASecret) {
  const ManifestSet set =
      readOne(clientWith(R"(, "token_endpoint_auth_method": "none", "client_secret": "sixsix")"));
  EXPECT_TRUE(set.faultless());
  EXPECT_THAT(rulesOf(set), ElementsAre("public-client-secret"));
}

TEST(DurationRule, TakesGosDurations) {
  for (const std::string_view duration : {"1h", "1h30m", "-5s", "0.5h", "0", "100us", "1.5s"}) {
    EXPECT_THAT(rulesBrokenBy(R"(, "implicit_grant_id_token_lifespan": ")" + std::string(duration) + "\""),
                IsEmpty())
        << duration;
  }
}

TEST(DurationRule, RefusesWhatGoCannotRead) {
  for (const std::string_view duration : {"", "5", "1 h", "1d", "h", "1h30", "soon"}) {
    EXPECT_THAT(rulesBrokenBy(R"(, "implicit_grant_id_token_lifespan": ")" + std::string(duration) + "\""),
                ElementsAre("duration"))
        << duration;
  }
}

TEST(StrategyRule, KnowsTwoStrategiesInAnyCase) {
  EXPECT_THAT(rulesBrokenBy(R"(, "access_token_strategy": "JWT")"), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(R"(, "access_token_strategy": "")"), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(R"(, "access_token_strategy": "paseto")"), ElementsAre("access-token-strategy"));
}

TEST(PageUriRule, HoldsForTheVersionsThatCheckIt) {
  for (const std::string_view name : {"tos_uri", "policy_uri", "logo_uri", "client_uri"}) {
    const std::string bad = ", " + json::quote(name) + ": \"ftp://a.example\"";
    EXPECT_THAT(rulesBrokenBy(bad), ElementsAre("page-uri")) << name;
    EXPECT_THAT(rulesBrokenBy(bad, by({2, 3, 0})), IsEmpty()) << name;
    EXPECT_THAT(rulesBrokenBy(", " + json::quote(name) + ": \"https:opaque\""), IsEmpty()) << name;
    EXPECT_THAT(rulesBrokenBy(", " + json::quote(name) + ": \"\""), IsEmpty()) << name;
  }
  EXPECT_THAT(rulesBrokenBy(R"(, "tos_uri": "/terms")", by({25, 4, 0})), ElementsAre("page-uri"));
  EXPECT_THAT(rulesBrokenBy(R"(, "logo_uri": "/logo")", by({25, 4, 0})), IsEmpty());
}

TEST(SectorRule, WantsHttps) {
  EXPECT_THAT(rulesBrokenBy(R"(, "sector_identifier_uri": "https://a.example/s")"), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(R"(, "sector_identifier_uri": "http://a.example/s")"),
              ElementsAre("sector-identifier-uri"));
}

TEST(ScopeRule, WarnsWhereHydraWouldChooseTheScope) {
  for (const std::string_view text : {R"({"client_id": "a"})", R"({"client_id": "a", "scope": ""})",
                                      R"({"client_id": "a", "scope": null})"}) {
    const ManifestSet set = readOne(text);
    EXPECT_TRUE(set.faultless());
    EXPECT_THAT(rulesOf(set), ElementsAre("scope-default")) << text;
  }
}

TEST(AuthMethodRule, WarnsOfAMethodThatNobodyCanCheck) {
  const ManifestSet set = readOne(clientWith(R"(, "token_endpoint_auth_method": "client_secret_jwt")"));
  EXPECT_TRUE(set.faultless());
  EXPECT_THAT(rulesOf(set), ElementsAre("unknown-auth-method"));
}

TEST(VersionRule, WarnsOfFieldsThatTheVersionDrops) {
  const auto warnings = [](std::string_view more, HydraVersion version) {
    const ManifestSet set = readOne(clientWith(more), by(version));
    EXPECT_TRUE(set.faultless());
    return rulesOf(set);
  };
  EXPECT_THAT(warnings(R"(, "skip_consent": true)", {1, 11, 10}), ElementsAre("unknown-to-version"));
  EXPECT_THAT(warnings(R"(, "skip_consent": false)", {1, 11, 10}), IsEmpty());
  EXPECT_THAT(warnings(R"(, "skip_consent": true)", {2, 3, 0}), IsEmpty());
  EXPECT_THAT(warnings(R"(, "password_grant_access_token_lifespan": "1h")", kNewestKnownHydra),
              ElementsAre("unknown-to-version"));
  EXPECT_THAT(warnings(R"(, "access_token_strategy": "paseto")", {1, 11, 10}),
              ElementsAre("unknown-to-version"));
  EXPECT_THAT(warnings(R"(, "device_authorization_grant_id_token_lifespan": "soon")", {2, 3, 0}),
              ElementsAre("unknown-to-version"));
}

TEST(Rules, LookAtWrongTypesWithoutHarm) {
  for (const Field& field : allFields()) {
    for (const std::string_view value :
         {"null", "true", "7", "\"x\"", "[7]", "[[]]", "{\"keys\": 7}", "{\"keys\": [7]}"}) {
      (void)rulesBrokenBy(", " + json::quote(field.name) + ": " + std::string(value));
    }
  }
}

}  // namespace
}  // namespace hydra_clients::manifest

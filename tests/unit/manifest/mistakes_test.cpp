// What Hydra takes without a word, and no author can have meant.

#include <gmock/gmock.h>

#include "support.h"

namespace hydra_clients::manifest {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::string member(std::string_view name, std::string_view text) {
  return ", " + json::quote(name) + ": " + json::quote(text);
}

ReadingOptions hydra(HydraVersion version) {
  ReadingOptions options;
  options.hydra = version;
  return options;
}

TEST(UnexpandedVariable, IsFoundInSecretsAndScopes) {
  for (const char* text : {"${APP_SECRET}", "prefix-${APP}-suffix", "${APP:-default}", "$APP_SECRET",
                           "{{ app.secret }}", "<your secret here>"}) {
    EXPECT_THAT(rulesBrokenBy(member("client_secret", text)), ElementsAre("unexpanded-variable")) << text;
    EXPECT_THAT(rulesBrokenBy(member("scope", text)), Contains("unexpanded-variable")) << text;
  }
}

TEST(UnexpandedVariable, IsNotWhatASecretMayLookLike) {
  for (const char* text : {"$ecret-of-mine", "pa$$word", "$1$abc$def", "a{b}c${", "${}", "<3-secrets",
                           "{single}", "$", "100$US"}) {
    EXPECT_THAT(rulesBrokenBy(member("client_secret", std::string(text) + "-long-enough")), IsEmpty())
        << text;
  }
  EXPECT_THAT(rulesBrokenBy(member("client_secret", "$ecret-Of-Mine")), IsEmpty());
}

TEST(ListSeparator, IsWhatHydraV1CannotKeepInAList) {
  const auto broken = [](const char* element, HydraVersion version) {
    return rulesBrokenBy(", \"contacts\": [" + json::quote(element) + ", \"c\"]", hydra(version));
  };
  for (const char* const element : {"||", "a|", "a\\", "a\\|b", "|"}) {
    EXPECT_THAT(broken(element, {1, 11, 10}), ElementsAre("list-separator")) << element;
    EXPECT_THAT(broken(element, {2, 0, 0}), IsEmpty()) << element;
  }
  EXPECT_THAT(broken("a|b", {1, 11, 10}), IsEmpty());
  EXPECT_THAT(broken("a\\b", {1, 11, 10}), IsEmpty());
  EXPECT_THAT(broken("a|b", {1, 10, 0}), ElementsAre("list-separator"));
  EXPECT_THAT(broken("a\\", {1, 9, 2}), IsEmpty());
}

TEST(ScopeComma, IsAWarningForWhatRfc6749SeparatesBySpaces) {
  EXPECT_THAT(rulesBrokenBy(member("scope", "openid,offline")), Contains("scope-comma"));
  EXPECT_THAT(rulesBrokenBy(member("scope", "openid offline")), Not(Contains("scope-comma")));
}

TEST(GrantTypes, ThatNoHydraServesAreAWarning) {
  const auto grants = [](std::string_view grant) {
    return ", \"grant_types\": [" + json::quote(grant) + "]";
  };
  EXPECT_THAT(rulesBrokenBy(grants("password")), ElementsAre("unknown-grant-type"));
  EXPECT_THAT(rulesBrokenBy(grants("client_credentials")), IsEmpty());
  const std::string device = grants("urn:ietf:params:oauth:grant-type:device_code");
  EXPECT_THAT(rulesBrokenBy(device), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(device, hydra({2, 3, 0})), ElementsAre("unknown-grant-type"));
}

TEST(ColumnWidth, IsThatOfHydrasDatabase) {
  EXPECT_THAT(rulesBrokenBy(member("request_object_signing_alg", "0123456789")), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(member("request_object_signing_alg", "01234567890")),
              ElementsAre("column-width"));
}

TEST(SecretTooLong, ConcernsHydraV1Alone) {
  const std::string secret = member("client_secret", std::string(73, 'x'));
  EXPECT_THAT(rulesBrokenBy(secret), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(secret, hydra({1, 11, 10})), ElementsAre("secret-too-long"));
}

TEST(SubjectType, PairwiseIsAWarningSinceHydraMustBeSetUpForIt) {
  EXPECT_THAT(rulesBrokenBy(member("subject_type", "pairwise")), ElementsAre("subject-type-pairwise"));
  EXPECT_THAT(rulesBrokenBy(member("subject_type", "public")), Not(Contains("subject-type-pairwise")));
}

ManifestSet withId(std::string_view id, HydraVersion version = kNewestKnownHydra) {
  ReadingOptions options;
  options.hydra = version;
  return readText("a.json", R"({"client_id":)" + json::quote(id) + R"(,"scope":"x"})", options);
}

TEST(ClientId, WithoutAUrlIsAWarningBeforeV25) {
  const auto broken = [](std::string_view id, HydraVersion version) {
    const ManifestSet set = withId(id, version);
    return set.warnings.empty() ? std::string() : set.warnings.front().rule;
  };
  EXPECT_EQ(broken("team/app", {2, 3, 0}), "client-id-without-url");
  EXPECT_EQ(broken("..", {1, 11, 10}), "client-id-without-url");
  EXPECT_EQ(broken("team/app", {25, 4, 0}), "");
  EXPECT_EQ(broken("team-app", {2, 3, 0}), "");
}

TEST(ClientId, OfOtherThanPrintableAsciiIsAWarningThatNamesTheCharacter) {
  const auto named = [](std::string_view id) {
    const ManifestSet set = withId(id);
    EXPECT_EQ(set.manifests.size(), 1U) << "it is imported all the same";
    if (set.warnings.empty()) return std::string();
    EXPECT_EQ(set.warnings.front().rule, "client-id-characters");
    const std::string& message = set.warnings.front().message;
    return message.substr(0, message.find(':'));
  };
  for (const auto* id : {"shop-web", "a b", "~!@#$%^&*()_+`=[]\\{}|;':\",.<>?"})
    EXPECT_EQ(named(id), "") << id;
  EXPECT_EQ(named("caf\u00E9"), "holds U+00E9");
  EXPECT_EQ(named("cafe\u0301"), "holds U+0301");
  EXPECT_EQ(named("\u0430pp"), "holds U+0430") << "a Cyrillic a";
  EXPECT_EQ(named("app\u202Egnp"), "holds U+202E");
  EXPECT_EQ(named("app\u200B"), "holds U+200B");
  EXPECT_EQ(named("a\nb"), "holds U+000A");
  EXPECT_EQ(named("a\x7F"), "holds U+007F");
  EXPECT_EQ(named("\U0001F600"), "holds U+1F600");
}

TEST(UnexpandedVariable, HasANameAndAnEnd) {
  for (const char* text : {"long-${a_1}", "long-${A9-x}", "long-${Z:?}", "{{long}} enough"}) {
    EXPECT_THAT(rulesBrokenBy(member("client_secret", text)), ElementsAre("unexpanded-variable")) << text;
  }
  for (const char* text : {"long-${A", "long-${A!}", "long-${A:x", "long-${{A}", "long-${[A}", "long-${~A}",
                           "long-${:A}", "long-{{ x", "long-x }}", "$LONG-X", "$", "$A", "<>"}) {
    EXPECT_THAT(rulesBrokenBy(member("client_secret", text)), Not(Contains("unexpanded-variable"))) << text;
  }
}

TEST(ClientId, OfOneDotHasNoUrlEither) {
  for (const char* id : {".", ".."}) {
    const ManifestSet set =
        readOne(R"({"client_id": ")" + std::string(id) + R"(", "scope": "x"})", hydra({2, 3, 0}));
    EXPECT_THAT(rulesOf(set), Contains("client-id-without-url")) << id;
  }
}

TEST(WrapperObject, IsOneUnknownMemberThatHoldsClients) {
  for (const char* text : {R"({"clients": [{"client_id": "a"}]})", R"({"clients": []})",
                           R"({"$comment": "x", "client": {"client_id": "a"}})"}) {
    EXPECT_THAT(rulesOf(readOne(text)), Contains("wrapper-object")) << text;
  }
  for (const char* text :
       {R"({"clients": [1]})", R"({"clients": "a"})", R"({"a": {}, "b": {}})", R"({"metadata": {}})",
        R"({"client_secret_from": {"env": "A"}})", R"({"$comment": "x"})", "{}"}) {
    EXPECT_THAT(rulesOf(readOne(text)), Not(Contains("wrapper-object"))) << text;
  }
}

TEST(RedirectUri, IsDoubtedByWhatABrowserMakesOfIt) {
  const auto broken = [](const char* uri) {
    return rulesBrokenBy(", \"redirect_uris\": [" + json::quote(uri) + "]");
  };
  for (const char* uri : {"localhost:8080/cb", "localhost:8080", "https://h.example:99999/cb",
                          "https://h.example:123456/cb", "http://h.example/cb", "javascript:alert(1)"}) {
    EXPECT_THAT(broken(uri), Not(IsEmpty())) << uri;
  }
  for (const char* uri : {"http://localhost/cb", "http://a.localhost/cb", "http://127.0.0.1:1/cb",
                          "http://[::1]/cb", "https://h.example:65535/cb", "com.example.app:/cb",
                          "com.example.app:cb", "com.example.app:80x/cb"}) {
    EXPECT_THAT(broken(uri), IsEmpty()) << uri;
  }
}

TEST(PageUri, IsAnAddressOfTheWeb) {
  for (const char* uri : {"ftp://a.example", "http://[::1", "a.example", "mailto:a@a.example"}) {
    EXPECT_THAT(rulesBrokenBy(member("logo_uri", uri)), ElementsAre("page-uri")) << uri;
  }
  EXPECT_THAT(rulesBrokenBy(member("logo_uri", "http://a.example")), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(member("sector_identifier_uri", "https://[::1")),
              Contains("sector-identifier-uri"));
  EXPECT_THAT(rulesBrokenBy(member("sector_identifier_uri", "http://a.example")),
              Contains("sector-identifier-uri"));
}

TEST(AccessTokenStrategy, IsOneOfTwoInAnyCase) {
  EXPECT_THAT(rulesBrokenBy(member("access_token_strategy", "JWT")), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(member("access_token_strategy", "opaque")), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(member("access_token_strategy", "paseto")), Contains("access-token-strategy"));
}

}  // namespace
}  // namespace hydra_clients::manifest

#include "client/canonical.h"

#include <gmock/gmock.h>

#include "client/declared_fields.h"

namespace hydra_clients {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string_view> difference(std::string_view declared, std::string_view live,
                                         HydraVersion version = {2, 3, 0}) {
  static json::Value liveClient;  // the names returned are the table's
  liveClient = json::parse(live).value();
  const auto fields = CanonicalFields::of(json::parse(declared).value());
  auto names = fields.differingFrom(liveClient, version);
  EXPECT_TRUE(names.empty() || !DeclaredFields(fields, version).areIn(liveClient, version));
  return names;
}

struct Pair {
  std::string_view name, declared, live;
};
void PrintTo(const Pair& pair, std::ostream* out) { *out << pair.name; }
std::string nameOfPair(const testing::TestParamInfo<Pair>& info) { return std::string(info.param.name); }

class Same : public testing::TestWithParam<Pair> {};
TEST_P(Same, IsInSync) {
  EXPECT_THAT(difference(GetParam().declared, GetParam().live), IsEmpty());
  const auto fields = CanonicalFields::of(json::parse(GetParam().declared).value());
  EXPECT_TRUE(DeclaredFields(fields, {2, 3, 0}).areIn(json::parse(GetParam().live).value(), {2, 3, 0}));
}

INSTANTIATE_TEST_SUITE_P(
    Forms, Same,
    testing::Values(
        Pair{"undeclared", R"({"client_name":"a"})", R"({"client_name":"a","owner":"b"})"},
        Pair{"null_and_empty_list", R"({"redirect_uris":null})", R"({"redirect_uris":[]})"},
        Pair{"empty_list_and_absent", R"({"request_uris":[]})", R"({})"},
        Pair{"empty_string_and_absent", R"({"jwks_uri":""})", R"({})"},
        Pair{"false_and_absent", R"({"frontchannel_logout_session_required":false})", R"({})"},
        Pair{"false_and_null", R"({"skip_logout_consent":false})", R"({"skip_logout_consent":null})"},
        Pair{"empty_default_scope", R"({"scope":""})", R"({"scope":"offline_access offline openid"})"},
        Pair{"empty_default_method", R"({"token_endpoint_auth_method":null})",
             R"({"token_endpoint_auth_method":"client_secret_basic"})"},
        Pair{"scope_order", R"({"scope":" b  a b "})", R"({"scope":"a b"})"},
        Pair{"list_order", R"({"grant_types":["b","a"]})", R"({"grant_types":["a","b"]})"},
        Pair{"duration", R"({"client_credentials_grant_access_token_lifespan":"90m"})",
             R"({"client_credentials_grant_access_token_lifespan":"1h30m0s"})"},
        Pair{"origin", R"({"allowed_cors_origins":["HTTPS://a.example/"]})",
             R"({"allowed_cors_origins":["https://a.example"]})"},
        Pair{"origin_idn", R"({"allowed_cors_origins":["https://bÀcher.example"]})",
             R"({"allowed_cors_origins":["https://b%C3%80cher.example"]})"},
        Pair{"empty_elements", R"({"contacts":["",null,"a"]})", R"({"contacts":["a"]})"},
        Pair{"strategy", R"({"access_token_strategy":"JWT"})", R"({"access_token_strategy":"jwt"})"},
        Pair{"metadata_empty", R"({"metadata":{}})", R"({"metadata":null})"},
        Pair{"metadata_empty_list", R"({"metadata":[]})", R"({})"},
        Pair{"metadata_empty_string", R"({"metadata":""})", R"({})"},
        Pair{"metadata_false", R"({"metadata":false})", R"({})"},
        Pair{"metadata_order", R"({"metadata":{"b":1,"a":1.0}})", R"({"metadata":{"a":1,"b":1}})"},
        Pair{"metadata_stamp", R"({"metadata":{"a":1}})",
             R"({"metadata":{"a":1,"hydra_clients":{"import":"x"}}})"},
        Pair{"metadata_only_stamp", R"({"metadata":{}})", R"({"metadata":{"hydra_clients":{"import":"x"}}})"},
        Pair{"metadata_beside_a_stamp", R"({"metadata":{"hydra_clients":{"team":"x"}}})",
             R"({"metadata":{"hydra_clients":{"import":"x","team":"x"}}})"},
        Pair{"jwks", R"({"jwks":{"keys":[{"k":"AQ","key_ops":["sign"]}]}})",
             R"({"jwks":{"keys":[{"k":"AQ"}]}})"},
        Pair{"jwks_empty", R"({"jwks":{}})", R"({"jwks":{}})"},
        Pair{"secret", R"({"client_secret":"abcdef"})", R"({})"}),
    nameOfPair);

class Different : public testing::TestWithParam<Pair> {};
TEST_P(Different, IsDrift) { EXPECT_EQ(difference(GetParam().declared, GetParam().live).size(), 1U); }

INSTANTIATE_TEST_SUITE_P(
    Forms, Different,
    testing::Values(
        Pair{"empty_against_set", R"({"owner":""})", R"({"owner":"x"})"},
        Pair{"list_null_against_set", R"({"audience":null})", R"({"audience":["a"]})"},
        Pair{"duration_zero", R"({"client_credentials_grant_access_token_lifespan":"0s"})",
             R"({"client_credentials_grant_access_token_lifespan":null})"},
        Pair{"duration_by_its_number", R"({"client_credentials_grant_access_token_lifespan":"5ns"})",
             R"({"client_credentials_grant_access_token_lifespan":5})"},
        Pair{"duration_of_no_form", R"({"client_credentials_grant_access_token_lifespan":"1 hour"})",
             R"({"client_credentials_grant_access_token_lifespan":"1 day"})"},
        Pair{"zero_duration_against_number", R"({"client_credentials_grant_access_token_lifespan":"0s"})",
             R"({"client_credentials_grant_access_token_lifespan":0})"},
        Pair{"uri", R"({"redirect_uris":["HTTPS://a/x"]})", R"({"redirect_uris":["https://a"]})"},
        Pair{"jwks", R"({"jwks":{"keys":[{"k":"AQ"}]}})", R"({"jwks":{"keys":[{"k":"Ag"}]}})"},
        Pair{"false_against_string", R"({"skip_consent":false})", R"({"skip_consent":"true"})"},
        Pair{"beside_a_default", R"({"scope":"","owner":"a"})", R"({"scope":"a"})"},
        Pair{"string_against_true", R"({"owner":"true"})", R"({"owner":true})"},
        Pair{"boolean_against_string", R"({"skip_consent":true})", R"({"skip_consent":"true"})"},
        Pair{"strategy_against_true", R"({"access_token_strategy":"true"})",
             R"({"access_token_strategy":true})"},
        Pair{"list_against_string", R"({"contacts":["a"]})", R"({"contacts":"a"})"},
        Pair{"list_of_strings_against_numbers", R"({"contacts":["1"]})", R"({"contacts":[1]})"},
        Pair{"list_with_true", R"({"contacts":["a",true]})", R"({"contacts":["a"]})"},
        Pair{"empty_list_against_string", R"({"contacts":[]})", R"({"contacts":"a"})"},
        Pair{"empty_list_against_numbers", R"({"contacts":[]})", R"({"contacts":[1]})"},
        Pair{"no_duration_against_number", R"({"client_credentials_grant_access_token_lifespan":null})",
             R"({"client_credentials_grant_access_token_lifespan":5})"},
        Pair{"scopes_that_are_lists", R"({"scope":["a"]})", R"({"scope":["b"]})"},
        Pair{"list_in_two_elements", R"({"contacts":["a,b"]})", R"({"contacts":["a","b"]})"},
        Pair{"scope_against_list", R"({"scope":"a"})", R"({"scope":["a"]})"},
        Pair{"string_case", R"({"owner":"X"})", R"({"owner":"x"})"},
        Pair{"metadata_array_order", R"({"metadata":{"a":[1,2]}})", R"({"metadata":{"a":[2,1]}})"},
        Pair{"metadata_true", R"({"metadata":true})", R"({})"},
        Pair{"metadata_list", R"({"metadata":[1]})", R"({})"},
        Pair{"metadata_string", R"({"metadata":"x"})", R"({})"},
        Pair{"metadata_import", R"({"metadata":{}})", R"({"metadata":{"import":"x"}})"},
        Pair{"metadata_without_a_stamp", R"({"metadata":{}})", R"({"metadata":{"hydra_clients":{}}})"},
        Pair{"metadata_null_inside", R"({"metadata":{"a":null}})", R"({"metadata":{"b":null}})"},
        Pair{"origin_port", R"({"allowed_cors_origins":["https://a.example:443"]})",
             R"({"allowed_cors_origins":["https://a.example"]})"},
        Pair{"bar_on_v2", R"({"contacts":["a|b"]})", R"({"contacts":["a","b"]})"},
        Pair{"true_against_absent", R"({"skip_consent":true})", R"({"skip_consent":false})"}),
    nameOfPair);

TEST(Canonical, NamesTheDifferingFieldsInTheTablesOrder) {
  EXPECT_THAT(difference(R"({"owner":"a","client_name":"b","scope":"x"})", R"({"scope":"x"})"),
              ElementsAre("client_name", "owner"));
}

TEST(Canonical, WhatIsNoFieldOfHydrasIsNotCompared) {
  EXPECT_THAT(difference(R"({"$comment":"x","created_at":"y","client_id":"z"})", "{}"), IsEmpty());
}

bool areSameOrigins(const std::string& declared, const std::string& live) {
  const auto client = [](const std::string& origin) {
    return R"({"allowed_cors_origins":[")" + origin + R"("]})";
  };
  return difference(client(declared), client(live)).empty();
}

TEST(Canonical, AnOriginIsWhatHydraStoresOfIt) {
  const auto canonical = [](const std::string& origin) {
    const json::Value list = json::parse("[\"" + origin + "\"]").value();
    return canonicalValue(*findField("allowed_cors_origins"), &list);
  };
  for (const auto& [declared, stored] :
       {std::pair{"HTTPS://bÀcher.example/", "https://b%C3%80cher.example"},
        std::pair{"HTTPS://[fe80::1%25en0]/", "https://[fe80::1%25en0]"},
        std::pair{"HTTPS://u:p@a.example/x", "https://u:p@a.example"}, std::pair{"HTTPS://u@/", "https://u@"},
        std::pair{"HTTPS://a.example/?x=1", "https://a.example?x=1"},
        std::pair{"HTTPS://a.example/?", "https://a.example?"}, std::pair{"LOCALHOST:8080", "localhost:8080"},
        std::pair{"FILE:///x", "file:"}, std::pair{"*", "*"}, std::pair{"HTTPS://a b", "HTTPS://a b"}}) {
    EXPECT_EQ(canonical(declared), json::quote(stored));
    EXPECT_EQ(canonical(stored), json::quote(stored));
  }
}

TEST(Canonical, OriginsDifferInEachOfTheirParts) {
  const std::vector<std::string> origins{
      "https://a",   "http://a",    "https://b",   "https://a:1", "https:a",    "https:b",     "https://u@a",
      "https://ua",  "https://v@a", "https://u@",  "https://v@",  "https://a?", "https://a?x", "https://a?y",
      "https://b?x", "https://ax",  "HTTPS://a b", "https://a b", "NULL",       "null"};
  for (const std::string& one : origins) {
    for (const std::string& other : origins)
      EXPECT_EQ(areSameOrigins(one, other), one == other) << one << ", " << other;
  }
}

TEST(Canonical, AFieldThatThisHydraDoesNotKnowIsNoConflict) {
  constexpr std::string_view kDeclared = R"({"skip_consent":true,"owner":"a"})";
  EXPECT_THAT(difference(kDeclared, R"({"owner":"a"})", {1, 11, 10}), IsEmpty());
  EXPECT_THAT(difference(R"({"access_token_strategy":"jwt","owner":"a"})", "{}", {1, 11, 10}),
              ElementsAre("owner"));
}

TEST(Canonical, ListsOnV1AreComparedAsFarAsV1KeepsThem) {
  EXPECT_THAT(difference(R"({"contacts":["a|b","c"]})", R"({"contacts":["a","b","c"]})", {1, 9, 2}),
              IsEmpty());
  EXPECT_THAT(
      difference(R"({"contacts":["first","a\\","last"]})", R"({"contacts":["first","a|last"]})", {1, 11, 10}),
      IsEmpty());
  EXPECT_THAT(difference(R"({"contacts":["a|b"]})", R"({"contacts":["a","x"]})", {1, 9, 2}),
              ElementsAre("contacts"));
  EXPECT_THAT(difference(R"({"contacts":["a","b"]})", R"({"contacts":["a|b"]})", {1, 9, 2}),
              ElementsAre("contacts"))
      << "without a bar there is nothing that v1 could have cut";
  EXPECT_THAT(
      difference(R"({"allowed_cors_origins":["a|b"]})", R"({"allowed_cors_origins":["a","b"]})", {1, 9, 2}),
      IsEmpty());
  EXPECT_THAT(difference(R"({"contacts":["|a||b|"]})", R"({"contacts":["a","b"]})", {1, 9, 2}), IsEmpty());
  EXPECT_THAT(difference(R"({"contacts":["a|bc"]})", R"({"contacts":["ab","c"]})", {1, 9, 2}),
              ElementsAre("contacts"));
  EXPECT_THAT(difference(R"({"contacts":["ab|c"]})", R"({"contacts":["xb","c"]})", {1, 9, 2}),
              ElementsAre("contacts"));
  EXPECT_THAT(difference(R"({"contacts":["a|b"]})", R"({"contacts":["a","b"]})", {2, 0, 0}),
              ElementsAre("contacts"));
  EXPECT_THAT(difference(R"({"owner":"a|b"})", R"({"owner":"b|a"})", {1, 9, 2}), ElementsAre("owner"));
}

}  // namespace
}  // namespace hydra_clients

#include "client/exported_manifest.h"

#include <gmock/gmock.h>

namespace hydra_clients {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string exported(const char* live) { return json::write(exportedManifest(json::parse(live).value())); }

TEST(ExportedManifest, LeavesOutWhatGoesWithoutSaying) {
  EXPECT_EQ(
      exported(R"({"client_id":"app","client_name":"","audience":[],"jwks":{},"metadata":{},"contacts":null,
      "skip_consent":false,"subject_type":"public","userinfo_signed_response_alg":"none","scope":"openid",
      "token_endpoint_auth_method":"none","created_at":"2024-01-01T00:00:00Z","client_secret_expires_at":0,
      "updated_at":"2024-01-01T00:00:00Z","registration_access_token":"x","registration_client_uri":"x"})"),
      R"({"client_id":"app","scope":"openid","token_endpoint_auth_method":"none"})");
}

TEST(ExportedManifest, KeepsWhatIsNotTheDefault) {
  const std::string text = exported(
      R"({"client_id":"app","subject_type":"pairwise","skip_consent":true,"scope":"openid",
          "token_endpoint_auth_method":"client_secret_post","authorization_code_grant_access_token_lifespan":"1h0m0s"})");
  for (const char* const member : {R"("subject_type":"pairwise")", R"("skip_consent":true)",
                                   R"("token_endpoint_auth_method":"client_secret_post")",
                                   R"("authorization_code_grant_access_token_lifespan":"1h0m0s")"}) {
    EXPECT_THAT(text, HasSubstr(member));
  }
}

TEST(ExportedManifest, BeginsWithWhatPeopleLookForAndEndsWithMetadata) {
  EXPECT_EQ(
      exported(R"({"metadata":{"b":1,"a":2},"tos_uri":"https://t","scope":"a","owner":"me","client_id":"app",
                         "token_endpoint_auth_method":"none","redirect_uris":["https://b","https://a"]})"),
      R"({"client_id":"app","owner":"me","scope":"a","redirect_uris":["https://b","https://a"],)"
      R"("token_endpoint_auth_method":"none","tos_uri":"https://t","metadata":{"b":1,"a":2}})");
}

TEST(ExportedManifest, NamesWhereASecretIsToBeFilledIn) {
  const std::string text = exported(R"({"client_id":"billing-worker","scope":"a","client_secret":"never"})");
  EXPECT_THAT(text, HasSubstr(R"("client_secret_from":{"env":"HYDRA_CLIENTS_SECRET_BILLING_WORKER"})"));
  EXPECT_THAT(text, Not(HasSubstr("never")));
  for (const char* const method : {"none", "private_key_jwt"}) {
    EXPECT_THAT(
        exported(
            (R"({"client_id":"a","token_endpoint_auth_method":")" + std::string(method) + "\"}").c_str()),
        Not(HasSubstr("client_secret_from")));
  }
}

TEST(ExportedManifest, DropsTheStampOfThisProgramAndNothingElseOfMetadata) {
  const char* const stamped = R"({"client_id":"a","metadata":{"team":"x","hydra_clients":{"import":"id"}}})";
  EXPECT_THAT(exported(stamped), HasSubstr(R"("metadata":{"team":"x"})"));
  EXPECT_THAT(exported(R"({"client_id":"a","metadata":{"hydra_clients":{"import":"id"}}})"),
              Not(HasSubstr("metadata")));
  EXPECT_THAT(exported(R"({"client_id":"a","metadata":{"hydra_clients":{"import":"id","own":1}}})"),
              HasSubstr(R"("metadata":{"hydra_clients":{"own":1}})"));
}

TEST(ExportedManifest, KeepsAnEmptyKeySetWhereHydraAsksForOne) {
  EXPECT_THAT(exported(R"({"client_id":"a","jwks":{},"token_endpoint_auth_method":"private_key_jwt"})"),
              HasSubstr(R"("jwks":{})"));
  EXPECT_THAT(exported(R"({"client_id":"a","jwks":{},"token_endpoint_auth_method":"private_key_jwt",
                           "jwks_uri":"https://a/keys"})"),
              Not(HasSubstr(R"("jwks":)")));
}

TEST(SecretVariable, IsAnotherForEveryId) {
  EXPECT_EQ(secretVariableOf("shop-api"), "HYDRA_CLIENTS_SECRET_SHOP_API");
  EXPECT_THAT(secretVariableOf("shop_api"), StartsWith("HYDRA_CLIENTS_SECRET_SHOP_API_"));
  EXPECT_NE(secretVariableOf("shop_api"), secretVariableOf("Shop-api"));
  for (const std::string id : {"A", "a_b", "a-", "a--b"}) {
    const std::string variable = secretVariableOf(id);
    std::string imitation = variable.substr(std::string("HYDRA_CLIENTS_SECRET_").size());
    for (char& c : imitation) c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    EXPECT_NE(secretVariableOf(imitation), variable) << id;
  }
  EXPECT_NE(secretVariableOf("shop_api"), secretVariableOf("shop.api"));
  EXPECT_EQ(secretVariableOf("\xC3\xBC").find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"),
            std::string::npos);
}

}  // namespace
}  // namespace hydra_clients

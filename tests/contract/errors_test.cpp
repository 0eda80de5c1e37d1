// What Hydra refuses, and how it reads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract_server.h"

namespace hydra_clients::contract {
namespace {

using hydra::AdminError;
using testing::HasSubstr;
using testing::Not;
using Kind = AdminError::Kind;

AdminError refusal(std::string_view fields) {
  const auto created = postAnywhere(fields);
  EXPECT_FALSE(created) << fields;
  return created ? AdminError{} : created.error();
}

TEST(Errors, OfADuplicateSayThatItExists) {
  if (!Server::get().takesChosenIds()) GTEST_SKIP() << "v2.0 and v2.1 assign ids themselves";
  const std::string id = freshId("twice");
  ASSERT_TRUE(post("{}", id));
  const auto again = post("{}", id);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, Kind::kExists) << why(again);
  EXPECT_EQ(again.error().status, 409);
  EXPECT_FALSE(again.error().mayHaveArrived);
  EXPECT_FALSE(again.error().transient());
}

TEST(Errors, PassHydrasOwnReasonOnWithoutItsBoilerplate) {
  const AdminError error = refusal(R"({"redirect_uris":["https://app.example/cb#fragment"]})");
  EXPECT_EQ(error.kind, Kind::kRefused) << error.message;
  EXPECT_EQ(error.status, 400);
  EXPECT_THAT(error.message, HasSubstr("redirect"));

  const AdminError both = refusal(R"({"jwks":{"keys":[]},"jwks_uri":"https://app.example/jwks"})");
  EXPECT_EQ(both.kind, Kind::kRefused) << both.message;
  EXPECT_THAT(both.message, HasSubstr("jwks_uri"));
  EXPECT_THAT(both.message, Not(HasSubstr("Authorization Server MAY")));
}

TEST(Errors, OfAShortSecretDoNotShowIt) {
  const auto created =
      post("{}", Server::get().takesChosenIds() ? std::optional(freshId("short")) : std::nullopt, "h2x");
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, Kind::kRefused);
  EXPECT_THAT(created.error().message, HasSubstr("at least 6 characters"));
  EXPECT_THAT(created.error().message, Not(HasSubstr("h2x")));
}

TEST(Errors, OfAWrongTypeAreARefusalSinceV2_2AndAFaultBefore) {
  const AdminError error = refusal(R"({"redirect_uris":"https://app.example/cb"})");
  const bool tells = !Server::get().isV1() && Server::get().takesChosenIds();
  EXPECT_EQ(error.kind, tells ? Kind::kRefused : Kind::kServerFault) << error.message;
  EXPECT_THAT(error.message, HasSubstr(tells ? "decode" : "cannot decode a client"));
}

TEST(Errors, OfOneClientDoNotConcernTheOthers) {
  EXPECT_FALSE(refusal(R"({"redirect_uris":["relative"]})").concernsEverybody());
  EXPECT_TRUE(postAnywhere("{}"));
}

}  // namespace
}  // namespace hydra_clients::contract

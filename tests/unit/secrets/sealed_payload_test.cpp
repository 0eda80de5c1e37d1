#include "secrets/sealed_payload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "secrets/secret_file.h"

namespace hydra_clients::secrets {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// The secret, or "refused: " and the words.
std::string opened(const std::string& payload, const std::string& clientId = "shop") {
  const auto secret = openPayload(Secret(std::string(payload)), clientId);
  return secret ? std::string(secret->reveal(Purpose::kPostBody)) : "refused: " + secret.error();
}

TEST(SealedPayload, GivesBackWhatWasPutInForItsClient) {
  for (const std::string& secret :
       {std::string("s3cret-of-shop"), std::string("with \"quotes\" \\ and \n\t caf\xc3\xa9"),
        std::string(kMaxSecretBytes, '\x01')}) {
    const Secret payload = makePayload("sh\"op/1", Secret(std::string(secret)));
    EXPECT_LE(payload.size(), kMaxPayloadBytes);
    EXPECT_EQ(opened(std::string(payload.reveal(Purpose::kEncryption)), "sh\"op/1"), secret);
  }
}

TEST(SealedPayload, IsJsonThatAnyToolCanMake) {
  EXPECT_EQ(opened(R"( { "client_secret" : "s3cret\u002dA" , "client_id":"shop" }
)"),
            "s3cret-A");
}

TEST(SealedPayload, OfAnotherClientIsRefusedWithoutBeingShown) {
  EXPECT_THAT(opened(R"({"client_id":"Shop","client_secret":"s3cret-A"})"),
              AllOf(HasSubstr("another client"), Not(HasSubstr("s3cret")), Not(HasSubstr("Shop"))));
  EXPECT_THAT(opened(R"({"client_id":"shop","client_secret":"s3cret-A"})", ""), HasSubstr("has none"));
}

TEST(SealedPayload, ThatIsABareSecretIsAnsweredWithTheCommandThatBindsOne) {
  for (const auto* payload :
       {"s3cret-bare", "", "123456789", "\"s3cret-bare\"", "null", "[\"s3cret-bare\"]",
        "{\"client_id\":\"shop\",\"client_secret\":\"s3cret-b", "\xff\xfe s3cret-bare"}) {
    EXPECT_THAT(opened(payload), AllOf(HasSubstr("hydra-clients seal --client-id"), HasSubstr("bare secret"),
                                       Not(HasSubstr("s3cret"))))
        << payload;
  }
}

TEST(SealedPayload, WithAnyOtherMemberThanTheTwoIsRefused) {
  for (const auto* payload :
       {R"({"client_id":"shop"})", R"({"client_secret":"s3cret-A"})", R"({})",
        R"({"client_id":"shop","client_secret":5})", R"({"client_id":["shop"],"client_secret":"s3cret-A"})",
        R"({"client_id":"shop","client_secret":null})",
        R"({"client_id":"shop","client_secret":"s3cret-A","note":"x"})",
        R"({"Client_ID":"shop","client_secret":"s3cret-A"})"}) {
    EXPECT_THAT(opened(payload), AllOf(HasSubstr("exactly the two strings"), Not(HasSubstr("s3cret"))))
        << payload;
  }
}

TEST(SealedPayload, WithAMemberTwiceOrTextBehindItIsRefused) {
  for (const auto* payload : {R"({"client_id":"shop","client_id":"shop","client_secret":"s3cret-A"})",
                              R"({"client_id":"shop","client_secret":"s3cret-A","Client_Secret":"s3cret-B"})",
                              R"({"client_id":"shop","client_secret":"s3cret-A"} {})",
                              R"({"client_id":"shop","client_secret":"s3cret-A",})"}) {
    EXPECT_THAT(opened(payload), AllOf(HasSubstr("refused"), Not(HasSubstr("s3cret")))) << payload;
  }
}

TEST(SealedPayload, WithASecretThatHydraWouldRefuseIsRefused) {
  EXPECT_THAT(opened(R"({"client_id":"shop","client_secret":""})"), HasSubstr("is empty"));
  EXPECT_THAT(opened(R"({"client_id":"shop","client_secret":"12345"})"),
              AllOf(HasSubstr("fewer than 6 bytes"), Not(HasSubstr("12345"))));
  EXPECT_THAT(
      opened(R"({"client_id":"shop","client_secret":")" + std::string(kMaxSecretBytes + 1, 'x') + "\"}"),
      HasSubstr("larger than"));
}

TEST(SealedPayload, ThatHoldsSeveralIsNone) {
  const std::string one = R"({"client_id":"shop","client_secret":"s3cret-A"})";
  for (const std::string& payload : {"[" + one + "]", "[" + one + "," + one + "]", one + one}) {
    EXPECT_THAT(opened(payload), AllOf(HasSubstr("refused"), Not(HasSubstr("s3cret")))) << payload;
  }
}

TEST(SealedPayload, WithTwoOtherMembersIsRefused) {
  for (const auto* payload : {R"({"client_secret":"s3cret-A","note":"x"})",
                              R"({"client_id":"shop","note":"x"})", R"({"note":"x","other":"y"})"}) {
    EXPECT_THAT(opened(payload), AllOf(HasSubstr("exactly the two strings"), Not(HasSubstr("s3cret"))))
        << payload;
  }
}

}  // namespace
}  // namespace hydra_clients::secrets

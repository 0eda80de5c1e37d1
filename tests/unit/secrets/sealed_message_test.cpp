#include "secrets/sealed_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gnupg.h"
#include "secrets/pgp.h"

namespace hydra_clients::secrets {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kStamp = "0f0e3f6c-1111-4111-8111-000000000001";
constexpr const char* kArmored =
    "-----BEGIN PGP MESSAGE-----\n\naGVsbG8gd29ybGQ=\n=abcd\n-----END PGP MESSAGE-----\n";

SealedFacts factsFor(const ClientId& id, std::vector<std::string> recipients = {"AB12"}) {
  return {id, kStamp, std::chrono::system_clock::from_time_t(1'700'000'000), std::move(recipients)};
}

std::string whyNot(const std::string& message) {
  const auto facts = factsOf(message);
  return facts ? "it was read" : facts.error();
}

TEST(SealedMessage, StatesItsFactsInArmorHeadersThatPeopleCanRead) {
  EXPECT_EQ(withFacts(kArmored, factsFor("app", {"AB12", "CD34"})).value(),
            "-----BEGIN PGP MESSAGE-----\n"
            "Comment: client_id \"app\"\n"
            "Comment: import 0f0e3f6c-1111-4111-8111-000000000001\n"
            "Comment: sealed 2023-11-14T22:13:20Z\n"
            "Comment: recipient AB12\n"
            "Comment: recipient CD34\n"
            "\naGVsbG8gd29ybGQ=\n=abcd\n-----END PGP MESSAGE-----\n");
}

TEST(SealedMessage, GivesItsFactsBackWhateverTheClientIsCalled) {
  for (const ClientId& id :
       {ClientId("app"), ClientId("café \"x\"\\"), ClientId("a\nComment: client_id \"b\""), ClientId("😀"),
        ClientId("-----END PGP MESSAGE-----"), ClientId(5000, 'x')}) {
    const auto message = withFacts(kArmored, factsFor(id, {"AB12", "CD34"}));
    ASSERT_TRUE(message.has_value()) << message.error();
    EXPECT_TRUE(std::ranges::all_of(*message, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }))
        << id;
    const auto facts = factsOf(*message);
    ASSERT_TRUE(facts.has_value()) << facts.error();
    EXPECT_EQ(facts->id, id);
    EXPECT_EQ(facts->stamp, kStamp);
    EXPECT_EQ(facts->sealed, factsFor(id).sealed);
    EXPECT_THAT(facts->recipients, ElementsAre("AB12", "CD34"));
  }
}

TEST(SealedMessage, IsOpenedByTheRealGpg) {
  const tests::Gnupg recipient;
  const std::string key =
      recipient.exportKey(recipient.makePair("alice <alice@example.org>", "ed25519", "cv25519"));
  const auto pgp = Pgp::start();
  ASSERT_TRUE(pgp.has_value()) << pgp.error();
  const auto added = (*pgp)->addRecipient(key);
  ASSERT_TRUE(added.has_value()) << added.error();
  const auto armored = (*pgp)->encrypt(Secret("the~secret"));
  ASSERT_TRUE(armored.has_value()) << armored.error();
  for (const ClientId& id : {ClientId("café 😀"), ClientId(2700, 'x'), ClientId(std::string(2700, '\x01'))}) {
    const auto message = withFacts(*armored, factsFor(id, std::vector(50, added->fingerprint)));
    ASSERT_TRUE(message.has_value()) << message.error();
    EXPECT_EQ(recipient.decrypt(*message), "the~secret") << id;
  }
}

TEST(SealedMessage, IsStillReadWhereAnEditorChangedItsLineEnds) {
  std::string message = withFacts(kArmored, factsFor("app")).value() + "\n\n";
  EXPECT_EQ(factsOf(message)->id, "app");
}

TEST(SealedMessage, IsNotMadeOfWhatDoesNotFit) {
  const auto why = [](const std::string& armored, const SealedFacts& facts) {
    const auto message = withFacts(armored, facts);
    return message ? "it was made" : message.error();
  };
  EXPECT_THAT(why("text", factsFor("app")), HasSubstr("not an ASCII-armored PGP message"));
  EXPECT_THAT(why("-----BEGIN PGP MESSAGE-----\n\nAAAA\n", factsFor("app")),
              HasSubstr("not an ASCII-armored"));
  EXPECT_THAT(why(kArmored, factsFor("")), HasSubstr("client_id is empty"));
  EXPECT_THAT(why(kArmored, factsFor("\xff")), HasSubstr("not text in UTF-8"));
  EXPECT_THAT(why(kArmored, factsFor(std::string(4000, '\x01'))),
              HasSubstr("longer than a secret's file can state"));
  EXPECT_THAT(why(kArmored, factsFor("app", {"ab12"})), HasSubstr("fingerprint"));
  EXPECT_THAT(why(kArmored, factsFor("app", std::vector(30'000, std::string(40, 'A')))),
              HasSubstr("it has 30000 recipients"));
  SealedFacts facts = factsFor("app");
  facts.stamp = "0F0E3F6C-1111-4111-8111-000000000001";
  EXPECT_THAT(why(kArmored, facts), HasSubstr("no UUID"));
}

TEST(SealedMessage, SaysWhatIsWrongWithAFile) {
  const std::string whole = withFacts(kArmored, factsFor("app")).value();
  EXPECT_EQ(whyNot(""), "is empty");
  EXPECT_EQ(whyNot("text"), "is not a PGP message");
  EXPECT_EQ(whyNot(std::string(100, '\0')), "is not a PGP message");
  EXPECT_EQ(whyNot(whole.substr(0, whole.size() - 10)), "is cut short");
  EXPECT_EQ(whyNot(whole.substr(0, whole.size() - 10) + std::string(10, '\0')), "is cut short");
  EXPECT_THAT(whyNot(kArmored), HasSubstr("does not say in its head which client"));
  for (const char* line : {"client_id \"app\"", "import 0f0e3f6c", "sealed 2023"}) {
    std::string broken = whole;
    broken.replace(broken.find(line), 7, "unknown");
    EXPECT_THAT(whyNot(broken), HasSubstr("does not say in its head")) << line;
  }
}

TEST(SealedMessage, PassesOverHeadersThatAreNotOurs) {
  std::string message = withFacts(kArmored, factsFor("app")).value();
  message.insert(message.find("Comment: "), "Version: GnuPG v2\nComment: by hand\nHash: SHA256\n");
  EXPECT_EQ(factsOf(message)->id, "app");
}

TEST(SealedMessage, WithAnIdThatIsNoTextSaysNotWhoseItIs) {
  for (const char* id : {"7", "null", "\"cut", "[\"app\"]"}) {
    std::string message = withFacts(kArmored, factsFor("app")).value();
    message.replace(message.find("\"app\""), 5, id);
    EXPECT_THAT(whyNot(message), HasSubstr("does not say in its head which client")) << id;
  }
}

TEST(SealedMessage, OfHeadersAloneIsReadToItsEnd) {
  std::string message = withFacts(kArmored, factsFor("app")).value();
  message.replace(message.find("\n\n"), 2, "\n");
  EXPECT_EQ(factsOf(message)->id, "app");
  EXPECT_THAT(whyNot("-----BEGIN PGP MESSAGE-----\n-----END PGP MESSAGE-----"), HasSubstr("does not say"));
}

TEST(SealedMessage, IsForFingerprintsOnly) {
  for (const std::string& recipient : {std::string(), std::string("AB 12"), std::string(65, 'A')}) {
    EXPECT_FALSE(withFacts(kArmored, factsFor("app", {recipient}))) << recipient;
  }
}

}  // namespace
}  // namespace hydra_clients::secrets

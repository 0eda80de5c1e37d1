// Whose signatures count, with the real gpg on both sides: people's keyrings here, the verifier's there.

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "commit_fixture.h"
#include "gnupg.h"

namespace hydra_clients::secrets {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// "-----BEGIN PGP SIGNATURE-----\n\nAAAA…": one symbol of the base64 is another one.
std::string damaged(std::string block) {
  char& symbol = block[block.size() / 2];
  symbol = symbol == 'A' ? 'B' : 'A';
  return block;
}

TEST_F(VerifiesCommits, OfEveryKeyInTheKeyring) {
  for (const std::string& content : {publicKey(alice_) + publicKey(bob_),
                                     "Alice's:\n" + publicKey(alice_) + "\n# and Bob's\n" + publicKey(bob_),
                                     people_->gpg({"--export", alice_, bob_}).text}) {
    keyring(content);
    EXPECT_EQ(verdict(signedBy(alice_)), "good");
    EXPECT_EQ(verdict(signedBy(bob_)), "good") << "by a subkey";
  }
}

TEST_F(VerifiesCommits, OfNoOtherKey) {
  keyring(publicKey(alice_) + publicKey(bob_));
  EXPECT_THAT(verdict(signedBy(stranger_)),
              AllOf(HasSubstr("signed by the key " + stranger_ + ", which is not in " + file()),
                    HasSubstr("gpg --armor --export " + stranger_)));
}

TEST_F(VerifiesCommits, OnlyOverWhatWasSigned) {
  keyring(publicKey(alice_));
  const std::string other = std::string(kContent) + "and more\n";
  EXPECT_THAT(verdict(signedBy(alice_), other),
              AllOf(StartsWith("its signature, by the key " + alice_ + " (Alice <alice@example.com>)"),
                    HasSubstr("is over something else"), HasSubstr("git commit --amend -S")));
  EXPECT_THAT(verdict(signedBy(alice_), ""), HasSubstr("is over something else"));
  EXPECT_EQ(verdict(signedBy(alice_, other), other), "good") << "nothing is mixed up";
}

TEST_F(VerifiesCommits, OnlyWithASignatureOfOpenPgp) {
  keyring(publicKey(alice_));
  EXPECT_THAT(verdict(""), AllOf(StartsWith("it is not signed"), HasSubstr("git commit --amend -S")));
  EXPECT_THAT(verdict("-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"),
              AllOf(HasSubstr("signed with an SSH key"), HasSubstr("git config gpg.format openpgp")));
  EXPECT_THAT(verdict("-----BEGIN SIGNED MESSAGE-----\nMIAG\n-----END SIGNED MESSAGE-----\n"),
              HasSubstr("X.509 certificate"));
  const auto inlineSigned = people_->gpg({"--armor", "--local-user", alice_, "--sign"}, kContent).text;
  EXPECT_THAT(verdict(inlineSigned), HasSubstr("of a kind that is not known"));
  EXPECT_THAT(verdict("PGP, honestly"), HasSubstr("of a kind that is not known"));
}

TEST_F(VerifiesCommits, NeverWithADamagedSignature) {
  keyring(publicKey(alice_));
  const std::string good = signedBy(alice_);
  EXPECT_NE(verdict(damaged(good)), "good");
  EXPECT_NE(verdict(good.substr(0, good.size() / 2)), "good");
  EXPECT_THAT(verdict("-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"),
              HasSubstr("is damaged"));
  EXPECT_THAT(verdict("-----BEGIN PGP SIGNATURE-----\n\n" + std::string(kMaxSignatureBytes, 'A')),
              HasSubstr("larger than the 64 KiB"));
  // Not a detached signature, whatever the first line says.
  std::string inlineSigned = people_->gpg({"--armor", "--local-user", alice_, "--sign"}, kContent).text;
  for (auto at = inlineSigned.find("MESSAGE"); at != std::string::npos; at = inlineSigned.find("MESSAGE"))
    inlineSigned.replace(at, 7, "SIGNATURE");
  EXPECT_NE(verdict(inlineSigned), "good");
  EXPECT_NE(verdict(inlineSigned, "something else"), "good");
}

TEST_F(VerifiesCommits, WithOneSignatureAlone) {
  keyring(publicKey(alice_) + publicKey(bob_));
  EXPECT_THAT(verdict(signedBy(alice_, kContent, {"--local-user", bob_})), HasSubstr("several signatures"));
  EXPECT_THAT(verdict(signedBy(alice_, kContent, {"--local-user", stranger_})),
              HasSubstr("several signatures"));
}

TEST_F(VerifiesCommits, OfNoKeyThatHasExpired) {
  keyring(publicKey(old_));
  EXPECT_THAT(verdict(signedBy(old_, kContent, {"--faked-system-time", kThatDay})),
              AllOf(HasSubstr("the key " + old_ + " (Old <old@example.com>), which expired on 2020-01-02"),
                    HasSubstr("gpg --quick-set-expire")))
      << "although it was signed in time: whoever has the key can date a signature back";
}

TEST_F(VerifiesCommits, OfNoSubkeyThatHasExpired) {
  const std::string key = people_->makeKey("Renewed <renewed@example.com>", "ed25519", "cert", "never",
                                           {"--faked-system-time", kLongAgo});
  addSigningKey(key, "1d", {"--faked-system-time", kLongAgo});
  const std::string early = signedBy(key, kContent, {"--faked-system-time", kThatDay});
  keyring(publicKey(key));
  EXPECT_THAT(verdict(early), AllOf(HasSubstr("the subkey "), HasSubstr("of the key " + key),
                                    HasSubstr("expired on 2020-01-02")));
  addSigningKey(key, "never");
  const std::string late = signedBy(key);
  EXPECT_THAT(verdict(late), HasSubstr("is not in " + file())) << "the keyring does not know the new subkey";
  keyring(publicKey(key));
  EXPECT_EQ(verdict(late), "good") << "the keyring holds the new subkey";
  EXPECT_THAT(verdict(early), HasSubstr("expired on 2020-01-02"));
}

TEST_F(VerifiesCommits, OfNoKeyThatWasRevoked) {
  const std::string key = people_->makeKey("Gone <gone@example.com>", "ed25519", "sign");
  const std::string signature = signedBy(key);
  keyring(publicKey(alice_) + publicKey(key));
  ASSERT_EQ(verdict(signature), "good");
  (void)people_->gpg({"--import"}, revocationOf(key));
  keyring(publicKey(alice_) + publicKey(key));
  EXPECT_THAT(verdict(signature),
              HasSubstr("the key " + key + " (Gone <gone@example.com>), which has been revoked"));
  EXPECT_EQ(verdict(signedBy(alice_)), "good") << "the others are not concerned";
}

TEST_F(VerifiesCommits, OfNoSubkeyThatWasRevoked) {
  const std::string key = people_->makeKey("Lost <lost@example.com>", "ed25519", "cert");
  addSigningKey(key, "never");
  const std::string signature = signedBy(key);
  keyring(publicKey(key));
  ASSERT_EQ(verdict(signature), "good");
  editKey(key, "key 1\nrevkey\ny\n0\n\ny\nsave\n");
  keyring(publicKey(key));
  EXPECT_THAT(verdict(signature), AllOf(HasSubstr("the subkey "), HasSubstr("has been revoked")));
}

TEST_F(VerifiesCommits, OfNoKeyThatWasTakenOutOfTheKeyring) {
  keyring(publicKey(alice_) + publicKey(stranger_));
  ASSERT_EQ(verdict(signedBy(stranger_)), "good");
  keyring(publicKey(alice_));
  EXPECT_THAT(verdict(signedBy(stranger_)), HasSubstr("is not in " + file()));
  EXPECT_EQ(homes().size(), 1U) << "the old keyring's folder is gone";
}

TEST_F(VerifiesCommits, UntilTheSignatureExpires) {
  keyring(publicKey(alice_));
  std::string brief;
  tl::expected<GoodSignature, SignatureFault> checked = tl::make_unexpected(SignatureFault{});
  for (int i = 0; i < 5 && !checked; ++i) {  // a busy machine may be late once
    brief = signedBy(alice_, kContent, {"--default-sig-expire", "seconds=5"});
    checked = verifier().check(kContent, brief);
  }
  ASSERT_TRUE(checked) << checked.error().words;
  ASSERT_TRUE(checked->ends);
  std::this_thread::sleep_until(*checked->ends + std::chrono::seconds(1));
  EXPECT_THAT(verdict(brief), HasSubstr("its signature, by the key " + alice_))
      << "a verdict is not kept for ever";
}

TEST_F(VerifiesCommits, OnlyOfABoundedText) {
  keyring(publicKey(alice_));
  EXPECT_THAT(verdict(signedBy(alice_), std::string((16U << 20U) + 1, 'x')),
              HasSubstr("its text is larger than the 16 MiB that are checked"));
}

}  // namespace
}  // namespace hydra_clients::secrets

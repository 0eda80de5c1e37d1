// Which keys are refused as recipients, and in what words.

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gpgme.h>
#include <gtest/gtest.h>

#include "gnupg.h"
#include "secrets/pgp.h"
#include "secrets/recipient_check.h"

namespace hydra_clients::secrets {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using tests::Gnupg;

class RecipientKey : public ::testing::Test {
 protected:
  /// The words in which `key` is refused; empty where it is taken.
  std::string refusalOf(const std::string& key) {
    auto added = pgp_->addRecipient(key);
    if (added) return "";
    EXPECT_TRUE(pgp_->recipients().empty());
    return added.error();
  }
  std::unique_ptr<Pgp> pgp_ = std::move(Pgp::start().value());
  Gnupg owner_;
};

TEST_F(RecipientKey, ThatIsNoKeyIsRefused) {
  EXPECT_THAT(refusalOf(""), HasSubstr("empty"));
  EXPECT_THAT(refusalOf(" \n\t"), HasSubstr("empty"));
  EXPECT_THAT(refusalOf("\n<!DOCTYPE html><html><body>404</body></html>"), HasSubstr("HTML"));
  EXPECT_THAT(refusalOf("just some text"), HasSubstr("no PGP key"));
  EXPECT_THAT(refusalOf(std::string("\x99\x01\x0d\x04garbage")), HasSubstr("damaged"));
  EXPECT_THAT(refusalOf(std::string(kMaxKeyBytes + 1, 'k')), HasSubstr("larger than 1024 KiB"));
}

TEST_F(RecipientKey, ThatIsCutOffIsRefused) {
  const std::string key = owner_.exportKey(owner_.makePair("Cut", "rsa2048", "rsa2048"));
  EXPECT_NE(refusalOf(key.substr(0, key.size() / 4)), "");
}

TEST_F(RecipientKey, ThatIsAMessageOrASignatureIsRefused) {
  const std::string fingerprint = owner_.makePair("Messages", "ed25519", "cv25519");
  EXPECT_THAT(refusalOf(owner_.gpg({"--armor", "--encrypt", "-r", fingerprint}, "hello").text),
              HasSubstr("no PGP key"));
  EXPECT_THAT(refusalOf(owner_.gpg({"--armor", "--detach-sign", "-u", fingerprint}, "hello").text),
              HasSubstr("no PGP key"));
}

TEST_F(RecipientKey, ThatIsPrivateIsRefusedAndNotKept) {
  const std::string fingerprint = owner_.makePair("Private", "ed25519", "cv25519");
  for (const bool armored : {true, false}) {
    std::vector<std::string> arguments{"--export-secret-keys", fingerprint};
    if (armored) arguments.insert(arguments.begin(), "--armor");
    EXPECT_THAT(refusalOf(owner_.gpg(arguments).text), HasSubstr("private key"));
  }
  EXPECT_FALSE(std::filesystem::exists(pgp_->home() + "/private-keys-v1.d"));
  // Behind a public one, where only gpg can see it.
  const std::string both =
      owner_.exportKey(fingerprint, false) + owner_.gpg({"--export-secret-keys", fingerprint}).text;
  EXPECT_THAT(refusalOf(both), HasSubstr("private key"));
}

TEST_F(RecipientKey, IsRefusedWhenThereAreSeveral) {
  const std::string first = owner_.makePair("First", "ed25519", "cv25519");
  const std::string second = owner_.makePair("Second", "ed25519", "cv25519");
  const auto words = refusalOf(owner_.gpg({"--armor", "--export"}).text);
  EXPECT_THAT(words, AllOf(HasSubstr("2 keys"), HasSubstr(first), HasSubstr(second)));
}

TEST_F(RecipientKey, ThatCanOnlySignIsRefused) {
  const std::string fingerprint = owner_.makeKey("Signer", "rsa2048", "sign");
  EXPECT_THAT(refusalOf(owner_.exportKey(fingerprint)),
              AllOf(HasSubstr(fingerprint), HasSubstr("(Signer)"), HasSubstr("only sign")));
}

TEST_F(RecipientKey, ThatExpiredIsRefusedWithTheDay) {
  const std::string fingerprint =
      owner_.makeKey("Old", "rsa2048", "default", "1y", {"--faked-system-time", "20200101T000000"});
  EXPECT_THAT(refusalOf(owner_.exportKey(fingerprint)),
              AllOf(HasSubstr(fingerprint), HasSubstr("expired on 2020-12-31")));
}

TEST_F(RecipientKey, WhoseEncryptionSubkeyExpiredIsRefusedWithTheDay) {
  const std::string fingerprint =
      owner_.makeKey("Half old", "ed25519", "sign", "never", {"--faked-system-time", "20200101T000000"});
  ASSERT_EQ(owner_
                .gpg({"--faked-system-time", "20200101T000000", "--quick-add-key", fingerprint, "cv25519",
                      "encrypt", "1y"})
                .status,
            0);
  EXPECT_THAT(refusalOf(owner_.exportKey(fingerprint)),
              AllOf(HasSubstr(fingerprint), HasSubstr("encryption key expired on 2020-12-31")));
}

TEST_F(RecipientKey, WithOneValidEncryptionSubkeyAmongExpiredOnesIsTaken) {
  const std::string fingerprint =
      owner_.makeKey("Renewed", "ed25519", "sign", "never", {"--faked-system-time", "20200101T000000"});
  ASSERT_EQ(owner_
                .gpg({"--faked-system-time", "20200101T000000", "--quick-add-key", fingerprint, "cv25519",
                      "encrypt", "1y"})
                .status,
            0);
  ASSERT_EQ(owner_.gpg({"--quick-add-key", fingerprint, "cv25519", "encrypt", "never"}).status, 0);
  EXPECT_EQ(refusalOf(owner_.exportKey(fingerprint)), "");
  EXPECT_EQ(owner_.decrypt(pgp_->encrypt(Secret("renewed-and-used")).value()), "renewed-and-used");
}

TEST_F(RecipientKey, ThatWasRevokedIsRefused) {
  const std::string fingerprint = owner_.makePair("Revoked", "ed25519", "cv25519");
  ASSERT_EQ(owner_.gpg({"--quick-revoke-uid", fingerprint, "Revoked"}).status, 2) << "the last user ID stays";
  const std::string home = owner_.home();
  std::string certificate =
      tests::runProgram({"cat", home + "/openpgp-revocs.d/" + fingerprint + ".rev"}).text;
  certificate.erase(certificate.find(":-----BEGIN"),
                    1);  // the colon that keeps it from being used by mistake
  ASSERT_EQ(owner_.gpg({"--import"}, certificate).status, 0);
  EXPECT_THAT(refusalOf(owner_.exportKey(fingerprint)), AllOf(HasSubstr(fingerprint), HasSubstr("revoked")));
}

TEST_F(RecipientKey, ThatEndsSaysWhen) {
  const std::string fingerprint = owner_.makeKey("Ending", "ed25519", "sign", "2y");
  ASSERT_EQ(owner_.gpg({"--quick-add-key", fingerprint, "cv25519", "encrypt", "30d"}).status, 0);
  const auto added = pgp_->addRecipient(owner_.exportKey(fingerprint));
  ASSERT_TRUE(added.has_value()) << added.error();
  ASSERT_TRUE(added->expires.has_value());
  const auto left = *added->expires - std::chrono::system_clock::now();
  EXPECT_GT(left, std::chrono::hours(24 * 29));
  EXPECT_LT(left, std::chrono::hours(24 * 31)) << "the encryption key's end counts, not the primary key's";
}

// A key cannot be exported as disabled (that is a mark in a user's own keyring), but GPGME may show one.
TEST(CheckRecipient, RefusesADisabledKey) {
  char fingerprint[] = "0123456789ABCDEF0123456789ABCDEF01234567";
  _gpgme_subkey subkey{};
  subkey.fpr = fingerprint;
  subkey.can_encrypt = 1;
  _gpgme_key key{};
  key.subkeys = &subkey;
  key.disabled = 1;
  EXPECT_THAT(checkRecipient(key).error(), AllOf(HasSubstr(fingerprint), HasSubstr("disabled")));
  key.disabled = 0;
  EXPECT_TRUE(checkRecipient(key).has_value());
}

}  // namespace
}  // namespace hydra_clients::secrets

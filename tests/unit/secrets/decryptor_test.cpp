#include "secrets/decryptor.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "eventually.h"
#include "gnupg.h"
#include "secrets/pgp.h"
#include "secrets/sealed_payload.h"

namespace hydra_clients::secrets {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kSecret = "s3cret-of-the-shop";

class OpensMessages : public ::testing::Test {
 protected:
  /// Keys at which nobody has to wait; made once for all tests, since each takes a while.
  static void SetUpTestSuite() {
    owner_ = std::make_unique<tests::Gnupg>();
    plain_ = owner_->makePair("Plain <plain@example.com>", "ed25519", "cv25519");
    other_ = owner_->makePair("Other <other@example.com>", "ed25519", "cv25519");
    locked_ = owner_->makeKey("Locked", "rsa2048", "sign,encrypt", "never", {"--passphrase", "open sesame"});
  }
  static void TearDownTestSuite() { owner_.reset(); }

  static std::string privateKey(const std::string& key, bool armored = true) {
    std::vector<std::string> arguments{"--passphrase", "open sesame", "--export-secret-keys", key};
    if (armored) arguments.insert(arguments.begin(), "--armor");
    return owner_->gpg(arguments).text;
  }
  static std::string payload(const std::string& clientId = "shop", const std::string& secret = kSecret) {
    return std::string(makePayload(clientId, Secret(std::string(secret))).reveal(Purpose::kEncryption));
  }
  static std::string encrypted(const std::string& key, const std::string& text,
                               const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments{"--armor", "--trust-model", "always"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"--recipient", key, "--encrypt"});
    return owner_->gpg(arguments, text).text;
  }

  Decryptor& decryptor(bool withPassphrase = false) {
    if (!decryptor_) {
      DecryptorOptions options{
          folder_.path() + "/key", withPassphrase ? folder_.path() + "/passphrase" : "", {}};
      options.gpg.homeBases = {homes_.path()};
      decryptor_ = std::make_unique<Decryptor>(options);
    }
    return *decryptor_;
  }
  /// The secret, or "refused: " and the words.
  static std::string opened(Decryptor& decryptor, const std::string& message,
                            const std::string& clientId = "shop") {
    const auto secret = decryptor.open(message, clientId);
    return secret ? std::string(secret->reveal(Purpose::kPostBody)) : "refused: " + secret.error();
  }
  std::string opened(const std::string& message, const std::string& clientId = "shop") {
    return opened(decryptor(), message, clientId);
  }
  [[nodiscard]] std::vector<std::string> homes() const {
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator(homes_.path())) paths.push_back(entry.path());
    return paths;
  }

  static inline std::unique_ptr<tests::Gnupg> owner_;
  static inline std::string plain_, other_, locked_;  // fingerprints
  tests::TemporaryFolder folder_;
  tests::TemporaryFolder homes_;
  std::unique_ptr<Decryptor> decryptor_;
};

TEST_F(OpensMessages, ThatTheRealGpgMade) {
  folder_.write("key", privateKey(plain_));
  EXPECT_EQ(opened(encrypted(plain_, payload())), kSecret);
  EXPECT_EQ(opened(encrypted(plain_, payload() + "\n", {"--sign", "--local-user", other_})), kSecret)
      << "signed too";
  EXPECT_EQ(opened(encrypted(other_, payload(), {"--recipient", plain_})), kSecret) << "for others too";
}

TEST_F(OpensMessages, WithABinaryKeyAndWithSeveralKeysInOneFile) {
  folder_.write("key", privateKey(plain_, /*armored=*/false));
  EXPECT_EQ(opened(encrypted(plain_, payload())), kSecret);
  folder_.write("key", privateKey(other_) + "\n" + privateKey(plain_));
  EXPECT_EQ(opened(encrypted(plain_, payload())), kSecret);
  EXPECT_EQ(opened(encrypted(other_, payload())), kSecret);
}

TEST_F(OpensMessages, ThatPgpSealedOfEverySize) {
  folder_.write("key", privateKey(plain_));
  const auto pgp = Pgp::start();
  ASSERT_TRUE((*pgp)->addRecipient(owner_->exportKey(plain_)));
  for (const std::size_t size : {std::size_t{6}, std::size_t{26}, kMaxSecretBytes}) {
    const std::string secret(size, '\x01');  // the largest payload: each byte takes six in JSON
    EXPECT_EQ(opened((*pgp)->encrypt(makePayload("shop", Secret(std::string(secret)))).value()), secret);
  }
}

TEST_F(OpensMessages, OfAProtectedKeyWithThePassphraseFromItsFile) {
  folder_.write("key", privateKey(locked_));
  folder_.write("passphrase", "open sesame\n");
  const std::string message = encrypted(locked_, payload());
  EXPECT_EQ(opened(decryptor(/*withPassphrase=*/true), message), kSecret);
  EXPECT_EQ(opened(decryptor(), message), kSecret) << "and again: nothing is cached, nobody is asked";
}

TEST_F(OpensMessages, OfAProtectedKeyOnlyWithItsPassphrase) {
  folder_.write("key", privateKey(locked_));
  const std::string message = encrypted(locked_, payload());
  EXPECT_THAT(opened(message), HasSubstr("name its file with --pgp-passphrase-file"));
  decryptor_.reset();
  EXPECT_THAT(opened(decryptor(true), message), HasSubstr("--pgp-passphrase-file"));
  EXPECT_THAT(opened(message), HasSubstr("is not there"));
  folder_.write("passphrase", "open barley\n");
  EXPECT_THAT(opened(message), AllOf(HasSubstr("the passphrase in --pgp-passphrase-file is not that"),
                                     Not(HasSubstr("barley"))));
  folder_.write("passphrase", "open\nsesame\n");
  EXPECT_THAT(opened(message), HasSubstr("more than one line"));
  folder_.write("passphrase", "");
  EXPECT_THAT(opened(message), HasSubstr("is empty"));
  folder_.write("passphrase", "open sesame");
  EXPECT_EQ(opened(message), kSecret) << "the files are read again when they change";
}

TEST_F(OpensMessages, WithTheKeyThatItsFileHoldsNow) {
  const std::string message = encrypted(plain_, payload());
  EXPECT_THAT(opened(message), AllOf(HasSubstr("--pgp-private-key-file"), HasSubstr("is not there")));
  folder_.write("key", privateKey(other_));
  EXPECT_THAT(opened(message), HasSubstr("not encrypted to the private key"));
  folder_.write("new", privateKey(plain_));
  fs::rename(folder_.path() + "/new", folder_.path() + "/key");
  EXPECT_EQ(opened(message), kSecret);
  EXPECT_EQ(homes().size(), 1U) << "the old key's folder is gone";
  folder_.write("key", privateKey(other_));
  EXPECT_THAT(opened(message), HasSubstr("not encrypted to the private key")) << "the old key is no more";
}

TEST_F(OpensMessages, OfAnotherRecipientNever) {
  folder_.write("key", privateKey(plain_));
  EXPECT_THAT(opened(encrypted(other_, payload())),
              AllOf(HasSubstr("not encrypted to the private key of --pgp-private-key-file, but to "),
                    Not(HasSubstr(kSecret))));
}

TEST_F(OpensMessages, OfAnotherClientNever) {
  folder_.write("key", privateKey(plain_));
  EXPECT_THAT(opened(encrypted(plain_, payload("shop")), "bank"), HasSubstr("another client"));
  EXPECT_THAT(opened(encrypted(plain_, kSecret)),
              AllOf(HasSubstr("hydra-clients seal"), Not(HasSubstr(kSecret))));
}

TEST_F(OpensMessages, ThatAreCutOffOrChangedNever) {
  folder_.write("key", privateKey(plain_));
  const std::string message = encrypted(plain_, payload());
  for (const std::size_t size :
       {std::size_t{30}, message.size() / 3, message.size() / 2, message.size() - 40}) {
    EXPECT_THAT(opened(message.substr(0, size)), StartsWith("refused: client_secret_from: the PGP message "))
        << size;
    EXPECT_THAT(opened(message.substr(0, size) + "\n-----END PGP MESSAGE-----\n"), StartsWith("refused: "))
        << size;
  }
  std::string changed = message;
  char& symbol = changed[message.size() / 2 - 2];
  symbol = symbol == 'A' ? 'B' : 'A';
  EXPECT_THAT(opened(changed), AllOf(StartsWith("refused: "), Not(HasSubstr(kSecret))));
  EXPECT_EQ(opened(message), kSecret) << "the whole one is still opened";
}

TEST_F(OpensMessages, ThatAreNotEncryptedNever) {
  folder_.write("key", privateKey(plain_));
  const auto signedOnly = owner_->gpg({"--armor", "--local-user", other_, "--sign"}, payload()).text;
  const auto clearSigned = owner_->gpg({"--local-user", other_, "--clear-sign"}, payload()).text;
  const auto stored = owner_->gpg({"--armor", "--store"}, payload()).text;
  const auto symmetric = owner_->gpg({"--armor", "--passphrase", "pw", "--symmetric"}, payload()).text;
  for (const std::string& message : {signedOnly, stored}) {
    EXPECT_THAT(opened(message), AllOf(HasSubstr("is not encrypted"), Not(HasSubstr(kSecret))));
  }
  EXPECT_THAT(opened(clearSigned), AllOf(HasSubstr("is no PGP message"), Not(HasSubstr(kSecret))));
  EXPECT_THAT(opened(symmetric), AllOf(StartsWith("refused: "), Not(HasSubstr(kSecret))));
  EXPECT_THAT(opened("just text"), HasSubstr("is no PGP message"));
  EXPECT_THAT(opened(""), HasSubstr("is no PGP message"));
}

TEST_F(OpensMessages, ThatUnpackToMoreThanAnySecretNever) {
  folder_.write("key", privateKey(plain_));
  const std::string bomb = encrypted(plain_, std::string(64 << 20, 'x'), {"--compress-level", "9"});
  ASSERT_LT(bomb.size(), 200'000U) << "it is packed";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(opened(bomb), HasSubstr("more than the 131072 bytes"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_THAT(opened(std::string(2 << 20, 'x')), HasSubstr("larger than the 1048576 bytes"));
}

TEST_F(OpensMessages, OnlyWithAPrivateKey) {
  const std::string message = encrypted(plain_, payload());
  const std::pair<std::string, std::string> files[] = {
      {owner_->exportKey(plain_), "holds a public key only"},
      {"no key at all", "holds no private PGP key"},
      {privateKey(plain_).substr(0, 200), "--pgp-private-key-file"},
      {"", "is empty"},
      {std::string(5 << 20, 'x'), "larger than the 4194304 bytes"},
  };
  for (const auto& [content, words] : files) {
    folder_.write("key", content);
    EXPECT_THAT(opened(message), AllOf(StartsWith("refused: "), HasSubstr(words)));
  }
  fs::remove(folder_.path() + "/key");
  ASSERT_EQ(mkfifo((folder_.path() + "/key").c_str(), 0600), 0);
  EXPECT_THAT(opened(message), HasSubstr("is not a regular file"));
}

TEST_F(OpensMessages, WithoutGpgSaysWhichPackageHasIt) {
  folder_.write("key", privateKey(plain_));
  Decryptor decryptor({folder_.path() + "/key", "", {"/nonexistent/gpg", {homes_.path()}}});
  EXPECT_THAT(opened(decryptor, encrypted(plain_, payload())), HasSubstr("package `gnupg`"));
  EXPECT_THAT(homes(), IsEmpty());
}

TEST_F(OpensMessages, WithAGpgThatHangsNeverTwiceInARow) {
  folder_.write("key", privateKey(plain_));
  DecryptorOptions options{
      folder_.path() + "/key", "", {"", {homes_.path()}, std::chrono::milliseconds(2'000)}};
  options.gpg.gpg =
      tests::writeGpg(folder_, "case \"$*\" in *--decrypt*) exec sleep 20;; esac\nexec gpg \"$@\"\n");
  Decryptor decryptor(options);
  const std::string message = encrypted(plain_, payload());
  EXPECT_THAT(opened(decryptor, message), HasSubstr("did not finish in time"));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i)
    EXPECT_THAT(decryptor.check(message, "shop").error(), HasSubstr("did not finish in time"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST_F(OpensMessages, InAFolderAndWithAnAgentThatEndWithIt) {
  folder_.write("key", privateKey(plain_));
  EXPECT_THAT(homes(), IsEmpty()) << "nothing is started before there is a message";
  ASSERT_EQ(opened(encrypted(plain_, payload())), kSecret);
  ASSERT_EQ(homes().size(), 1U);
  const std::string home = homes().front();
  EXPECT_THAT(tests::processesWith(home), Not(IsEmpty())) << "the agent";
  decryptor_.reset();
  EXPECT_THAT(homes(), IsEmpty());
  EXPECT_TRUE(test::eventually([&] { return tests::processesWith(home).empty(); })) << "the agent still runs";
}

TEST_F(OpensMessages, AndRemembersOnlyThatItCould) {
  folder_.write("key", privateKey(plain_));
  const std::string good = encrypted(plain_, payload());
  const std::string foreign = encrypted(other_, payload());
  EXPECT_TRUE(decryptor().check(good, "shop"));
  EXPECT_THAT(decryptor().check(good, "bank").error(), HasSubstr("another client"));
  EXPECT_THAT(decryptor().check(foreign, "shop").error(), HasSubstr("not encrypted to the private key"));

  // gpg cannot do anything any more: what is asked again is answered from memory.
  ASSERT_EQ(homes().size(), 1U);
  fs::remove(homes().front() + "/pubring.kbx");
  fs::remove_all(homes().front() + "/private-keys-v1.d");
  EXPECT_THAT(opened(good), StartsWith("refused: ")) << "a secret is not remembered";
  EXPECT_THAT(decryptor().check(foreign, "shop").error(), HasSubstr("not encrypted to the private key"));
  EXPECT_THAT(decryptor().check(good, "bank").error(), HasSubstr("another client"));

  folder_.write("key", privateKey(other_));
  EXPECT_TRUE(decryptor().check(foreign, "shop")) << "another key, another answer";
  EXPECT_THAT(decryptor().check(good, "shop").error(), HasSubstr("not encrypted to the private key"));
}

TEST_F(OpensMessages, ForSeveralThreadsAtOnce) {
  folder_.write("key", privateKey(plain_));
  std::vector<std::string> messages;
  for (int i = 0; i < 8; ++i)
    messages.push_back(encrypted(plain_, payload("shop", "secret-" + std::to_string(i))));
  std::vector<std::string> found(messages.size());
  Decryptor& shared = decryptor();
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < messages.size(); ++i)
      threads.emplace_back([&, i] { found[i] = opened(shared, messages[i]); });
  }
  for (std::size_t i = 0; i < messages.size(); ++i) EXPECT_EQ(found[i], "secret-" + std::to_string(i));
}

}  // namespace
}  // namespace hydra_clients::secrets

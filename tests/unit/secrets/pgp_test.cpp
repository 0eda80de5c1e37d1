#include "secrets/pgp.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gnupg.h"
#include "secrets/generator.h"

namespace hydra_clients::secrets {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using tests::Gnupg;
using tests::TemporaryFolder;

std::unique_ptr<Pgp> started(const PgpOptions& options = {}) {
  auto pgp = Pgp::start(options);
  if (!pgp) throw std::runtime_error(pgp.error());
  return std::move(*pgp);
}

/// True as soon as `test` is, at most ten seconds long.
template <typename Test>
bool soon(Test test) {
  for (int i = 0; i < 200; ++i) {
    if (test()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return test();
}

struct Algorithms {
  const char* name;
  const char* primary;
  const char* subkey;
};

class PgpOf : public ::testing::TestWithParam<Algorithms> {};

TEST_P(PgpOf, SealsWhatTheRealGpgOpens) {
  const Gnupg recipient;
  const std::string fingerprint =
      recipient.makePair("Ops <ops@example.com>", GetParam().primary, GetParam().subkey);
  for (const bool armored : {true, false}) {
    const auto pgp = started();
    const auto added = pgp->addRecipient(recipient.exportKey(fingerprint, armored));
    ASSERT_TRUE(added.has_value()) << added.error();
    EXPECT_EQ(added->fingerprint, fingerprint);
    EXPECT_EQ(added->userId, "Ops <ops@example.com>");
    EXPECT_FALSE(added->expires.has_value());
    const Secret secret = generateClientSecret();
    const auto message = pgp->encrypt(secret);
    ASSERT_TRUE(message.has_value()) << message.error();
    EXPECT_TRUE(message->starts_with("-----BEGIN PGP MESSAGE-----\n"));
    EXPECT_EQ(recipient.decrypt(*message), secret.reveal(Purpose::kEncryption));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryKind, PgpOf,
                         ::testing::Values(Algorithms{"rsa", "rsa2048", "rsa2048"},
                                           Algorithms{"curve25519", "ed25519", "cv25519"},
                                           Algorithms{"nistp256", "nistp256", "nistp256"}),
                         [](const auto& made) { return made.param.name; });

TEST(Pgp, SealsForAKeyThatSignsAndEncryptsByItself) {
  const Gnupg recipient;
  const auto pgp = started();
  ASSERT_TRUE(pgp->addRecipient(recipient.exportKey(recipient.makeKey("One", "rsa2048", "sign,encrypt"))));
  EXPECT_EQ(recipient.decrypt(pgp->encrypt(Secret("s3cret-of-one")).value()), "s3cret-of-one");
}

TEST(Pgp, SealsSecretsOfEverySizeUnchanged) {
  const Gnupg recipient;
  const auto pgp = started();
  ASSERT_TRUE(pgp->addRecipient(recipient.exportKey(recipient.makePair("Sizes", "ed25519", "cv25519"))));
  std::string bytes;
  for (int i = 0; i < 16 * 1024; ++i) bytes.push_back(static_cast<char>(i * 31));
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{26}, std::size_t{511}, std::size_t{513}, bytes.size()}) {
    EXPECT_EQ(recipient.decrypt(pgp->encrypt(Secret(bytes.substr(0, size))).value()), bytes.substr(0, size));
  }
}

TEST(Pgp, SealsForSeveralRecipientsOnceEach) {
  const Gnupg first;
  const Gnupg second;
  const std::string firstKey = first.exportKey(first.makePair("First", "ed25519", "cv25519"));
  const auto pgp = started();
  ASSERT_TRUE(pgp->addRecipient(firstKey));
  ASSERT_TRUE(pgp->addRecipient(second.exportKey(second.makePair("Second", "rsa2048", "rsa2048"))));
  ASSERT_TRUE(pgp->addRecipient(firstKey)) << "given twice";
  EXPECT_EQ(pgp->recipients().size(), 2U);
  const std::string message = pgp->encrypt(Secret("for-both-of-them")).value();
  EXPECT_EQ(first.decrypt(message), "for-both-of-them");
  EXPECT_EQ(second.decrypt(message), "for-both-of-them");
}

TEST(Pgp, WithoutARecipientOrAPlaintextSealsNothing) {
  const Gnupg recipient;
  const auto pgp = started();
  EXPECT_THAT(pgp->encrypt(Secret("nobody-can-read-it")).error(), HasSubstr("no PGP recipient"));
  ASSERT_TRUE(pgp->addRecipient(recipient.exportKey(recipient.makePair("R", "ed25519", "cv25519"))));
  EXPECT_FALSE(pgp->encrypt(Secret()).has_value());
}

TEST(Pgp, SealsNothingAtAllWhenOneRecipientsKeyHasExpiredMeanwhile) {
  const Gnupg recipient;
  const auto pgp = started();
  ASSERT_TRUE(pgp->addRecipient(recipient.exportKey(recipient.makePair("Lasting", "ed25519", "cv25519"))));
  const auto brief = pgp->addRecipient(
      recipient.exportKey(recipient.makeKey("Brief", "rsa2048", "sign,encrypt", "seconds=3")));
  ASSERT_TRUE(brief.has_value()) << brief.error();
  ASSERT_TRUE(brief->expires.has_value());
  std::this_thread::sleep_until(*brief->expires + std::chrono::seconds(2));  // gpg counts whole seconds
  const auto message = pgp->encrypt(Secret("for-both-or-nobody"));
  ASSERT_FALSE(message.has_value());
  EXPECT_THAT(message.error(), AllOf(HasSubstr(brief->fingerprint), HasSubstr("expired on 20")));
}

TEST(Pgp, MaySealFromSeveralThreads) {
  const Gnupg recipient;
  const auto pgp = started();
  ASSERT_TRUE(pgp->addRecipient(recipient.exportKey(recipient.makePair("Threads", "ed25519", "cv25519"))));
  std::vector<std::string> messages(16);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; i < 16; i += 4) {
        messages[static_cast<std::size_t>(i)] = pgp->encrypt(Secret("secret-" + std::to_string(i))).value();
      }
    });
  }
  threads.clear();
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(recipient.decrypt(messages[static_cast<std::size_t>(i)]), "secret-" + std::to_string(i));
  }
}

TEST(Pgp, LeavesNeitherAFolderNorAnAgentNorOpenFiles) {
  const Gnupg recipient;
  const std::string key = recipient.exportKey(recipient.makePair("Gone", "ed25519", "cv25519"));
  const auto openFiles = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), {}); };
  std::string home;
  const auto before = openFiles();
  {
    const auto pgp = started();
    home = pgp->home();
    ASSERT_TRUE(pgp->addRecipient(key));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(pgp->encrypt(generateClientSecret()));
    struct stat info {};
    ASSERT_EQ(stat(home.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    EXPECT_EQ(info.st_uid, geteuid());
  }
  EXPECT_FALSE(fs::exists(home));
  EXPECT_EQ(openFiles(), before);
  EXPECT_TRUE(soon([&] { return tests::processesWith(home).empty(); })) << "something still runs in " << home;
}

TEST(Pgp, NeverTouchesTheUsersOwnKeyring) {
  const Gnupg recipient;
  const std::string key = recipient.exportKey(recipient.makePair("Mine", "ed25519", "cv25519"));
  const TemporaryFolder user;
  const std::string oldHome = std::getenv("HOME") == nullptr ? "/" : std::getenv("HOME");
  setenv("HOME", user.path().c_str(), 1);
  setenv("GNUPGHOME", (user.path() + "/own").c_str(), 1);
  {
    const auto pgp = started();
    ASSERT_TRUE(pgp->addRecipient(key));
    EXPECT_TRUE(pgp->encrypt(Secret("not-with-my-keyring")));
  }
  EXPECT_TRUE(fs::is_empty(user.path()));
  unsetenv("GNUPGHOME");
  setenv("HOME", oldHome.c_str(), 1);
}

TEST(Pgp, WithoutGpgSaysWhichPackageHasIt) {
  PgpOptions options;
  options.gpg = "/nonexistent/gpg";
  const auto pgp = Pgp::start(options);
  ASSERT_FALSE(pgp.has_value());
  EXPECT_THAT(pgp.error(), HasSubstr("/nonexistent/gpg"));
  EXPECT_THAT(pgp.error(), HasSubstr("package `gnupg`"));
}

TEST(Pgp, GivesUpAGpgThatHangs) {
  const TemporaryFolder folder;
  PgpOptions options;
  options.gpg = tests::writeGpg(folder, "exec sleep 20\n");
  options.timeout = std::chrono::milliseconds(100);
  const auto pgp = started(options);
  const auto begin = std::chrono::steady_clock::now();
  const auto added = pgp->addRecipient("-----BEGIN PGP PUBLIC KEY BLOCK-----\n");
  ASSERT_FALSE(added.has_value());
  EXPECT_THAT(added.error(), HasSubstr("did not finish in time"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Pgp, WaitsForAGpgThatHangsNeverTwiceInARow) {
  const Gnupg recipient;
  const std::string key = recipient.exportKey(recipient.makePair("Hung", "ed25519", "cv25519"));
  const TemporaryFolder folder;
  PgpOptions options;
  options.timeout = std::chrono::milliseconds(2'000);
  options.gpg =
      tests::writeGpg(folder, "case \"$*\" in *--encrypt*) exec sleep 20;; esac\nexec gpg \"$@\"\n");
  const auto pgp = started(options);
  ASSERT_TRUE(pgp->addRecipient(key));
  ASSERT_FALSE(pgp->encrypt(Secret("of-the-first-client")).has_value());
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i)
    EXPECT_THAT(pgp->encrypt(Secret("of-another-client")).error(), HasSubstr("did not finish in time"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST(Pgp, TakesNoPartOfAMessageFromAGpgThatDies) {
  const Gnupg recipient;
  const std::string key = recipient.exportKey(recipient.makePair("Half", "ed25519", "cv25519"));
  const TemporaryFolder folder;
  PgpOptions options;
  options.gpg = tests::writeGpg(folder,
                                "case \"$*\" in *--encrypt*) echo '-----BEGIN PGP MESSAGE-----'; echo; "
                                "echo hQEMA; kill -9 $$;; esac\nexec gpg \"$@\"\n");
  const auto pgp = started(options);
  ASSERT_TRUE(pgp->addRecipient(key));
  EXPECT_FALSE(pgp->encrypt(Secret("half-of-a-secret")).has_value());
}

}  // namespace
}  // namespace hydra_clients::secrets

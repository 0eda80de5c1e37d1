// The keyring's file as it comes and goes, and gpg as it fails.

#include <chrono>
#include <filesystem>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "commit_fixture.h"
#include "gnupg.h"

namespace hydra_clients::secrets {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class CommitKeyring : public VerifiesCommits {};

TEST_F(CommitKeyring, ThatCannotBeUsedGivesNoVerdictAndSaysWhy) {
  const std::string signature = signedBy(alice_);
  const std::string key = publicKey(alice_);
  const std::pair<std::string, std::string> files[] = {
      {"", "is empty"},
      {" \n", "is empty"},
      {"<!DOCTYPE html>\n<html>404</html>", "HTML"},
      {"alice, bob", "holds no PGP key"},
      {signature, "holds no PGP key"},
      {key.substr(0, key.size() / 2), "damaged"},
      {people_->gpg({"--armor", "--export-secret-keys", alice_}).text, "holds a private key"},
      {people_->gpg({"--export-secret-keys", alice_}).text, "holds a private key"},
      {key + people_->gpg({"--armor", "--export-secret-keys", bob_}).text, "holds a private key"},
      {people_->gpg({"--export", alice_}).text + people_->gpg({"--export-secret-keys", bob_}).text,
       "holds a private key"},
      {tests::runProgram({"cat", people_->home() + "/pubring.kbx"}).text, "gpg --armor --export"},
      {std::string((16 << 20) + 1, 'x'), "larger than the 16777216 bytes"},
  };
  for (const auto& [content, words] : files) {
    keyring(content);
    EXPECT_THAT(verdict(signature),
                AllOf(StartsWith("undecided: --require-signed-commits " + file()), HasSubstr(words)));
    EXPECT_THAT(verdict(""), StartsWith("undecided: ")) << "nothing is said of any commit";
  }
  keyring(key);
  EXPECT_EQ(verdict(signature), "good") << "it is read again when it changes";
}

TEST_F(CommitKeyring, ThatIsCutOffOrDamagedIsNotReadInPart) {
  const std::string alice = publicKey(alice_), bob = publicKey(bob_);
  std::string damaged = bob;
  damaged.replace(damaged.size() / 2, 4, "AAAA");
  for (const std::string& content :
       {alice + bob.substr(0, bob.size() / 2), alice + bob.substr(0, bob.size() - 60),
        alice + bob.substr(0, bob.size() - 10), alice + damaged, damaged + alice}) {
    keyring(content);
    EXPECT_THAT(verdict(signedBy(alice_)),
                AllOf(StartsWith("undecided: "), AnyOf(HasSubstr("cut off"), HasSubstr("can read"))))
        << content;
  }
}

TEST_F(CommitKeyring, ThatIsNoFileGivesNoVerdict) {
  EXPECT_THAT(verdict(signedBy(alice_)), AllOf(StartsWith("undecided: "), HasSubstr("is not there")));
  ASSERT_EQ(mkfifo(file().c_str(), 0600), 0);
  EXPECT_THAT(verdict(signedBy(alice_)),
              AllOf(StartsWith("undecided: "), HasSubstr("is not a regular file")));
  fs::remove(file());
  fs::create_directory(file());
  EXPECT_THAT(verdict(signedBy(alice_)), AllOf(StartsWith("undecided: "), HasSubstr("is a folder")));
}

TEST_F(CommitKeyring, ThatGoesAwayIsTrustedNoMore) {
  keyring(publicKey(alice_));
  const std::string signature = signedBy(alice_);
  ASSERT_EQ(verdict(signature), "good");
  fs::rename(file(), file() + ".old");
  EXPECT_THAT(verdict(signature), AllOf(StartsWith("undecided: "), HasSubstr("is not there")));
  EXPECT_THAT(homes(), IsEmpty());
  fs::rename(file() + ".old", file());
  EXPECT_EQ(verdict(signature), "good");
}

TEST_F(CommitKeyring, IsAskedOnceOfTheSameCommit) {
  keyring(publicKey(alice_));
  const std::string signature = signedBy(alice_);
  const std::string foreign = signedBy(stranger_);
  ASSERT_EQ(verdict(signature), "good");
  ASSERT_THAT(verdict(foreign), HasSubstr("is not in"));
  // gpg can do nothing any more: what is asked again is answered from memory.
  ASSERT_EQ(homes().size(), 1U);
  fs::remove(homes().front() + "/pubring.kbx");
  EXPECT_EQ(verdict(signature), "good");
  EXPECT_THAT(verdict(foreign), HasSubstr("is not in"));
  EXPECT_NE(verdict(signature, "another commit"), "good");
  keyring(publicKey(stranger_));
  EXPECT_THAT(verdict(signature), HasSubstr("is not in")) << "another keyring, another answer";
  EXPECT_EQ(verdict(foreign), "good");
}

TEST_F(CommitKeyring, IsInAFolderThatEndsWithItAndWithoutAnAgent) {
  keyring(publicKey(alice_));
  EXPECT_THAT(homes(), IsEmpty());
  (void)verdict("");
  ASSERT_EQ(homes().size(), 1U);
  ASSERT_EQ(verdict(signedBy(alice_)), "good");
  EXPECT_THAT(tests::processesWith(homes().front()), IsEmpty());
  verifier_.reset();
  EXPECT_THAT(homes(), IsEmpty());
}

TEST_F(CommitKeyring, WithoutGpgSaysWhichPackageHasIt) {
  keyring(publicKey(alice_));
  verifier_ = std::make_unique<CommitVerifier>(file(), PgpOptions{"/nonexistent/gpg", {homes_.path()}});
  EXPECT_THAT(verdict(signedBy(alice_)), AllOf(StartsWith("undecided: "), HasSubstr("package `gnupg`")));
  EXPECT_THAT(homes(), IsEmpty());
}

TEST_F(CommitKeyring, WithAGpgThatHangsHoldsUpOneCheckAlone) {
  keyring(publicKey(alice_));
  const std::string gpg =
      tests::writeGpg(folder_, "case \"$*\" in *--verify*) exec sleep 60;; esac\nexec gpg \"$@\"\n");
  verifier_ = std::make_unique<CommitVerifier>(
      file(), PgpOptions{gpg, {homes_.path()}, std::chrono::milliseconds(2'000)});
  const std::string signature = signedBy(alice_);
  EXPECT_THAT(verdict(signature), AllOf(StartsWith("undecided: "), HasSubstr("did not finish in time")));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) EXPECT_THAT(verdict(signature), HasSubstr("did not finish in time"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4))
      << "two tries of 2 s would be longer";
}

TEST(EndsSoon, IsSaidWithinThirtyDays) {
  const WallTime now = std::chrono::system_clock::from_time_t(1'700'000'000);
  EXPECT_EQ(endsSoon({"the key F", {}}, "people.asc", now), "");
  EXPECT_EQ(endsSoon({"the key F", now + kKeyEndsSoon + std::chrono::hours(1)}, "people.asc", now), "");
  EXPECT_THAT(endsSoon({"the key F", now + std::chrono::hours(24)}, "people.asc", now),
              AllOf(HasSubstr("by the key F, holds until 2023-11-15"), HasSubstr("people.asc")));
}

}  // namespace
}  // namespace hydra_clients::secrets

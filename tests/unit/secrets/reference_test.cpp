#include "secrets/reference.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "gnupg.h"
#include "not_root.h"
#include "secrets/decryptor.h"

namespace hydra_clients::secrets {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class FileReference : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(root()); }
  [[nodiscard]] std::string root() const { return folder_.path() + "/root"; }
  void write(const std::string& name, const std::string& content) const {
    folder_.write("root/" + name, content);
  }

  /// The secret's bytes, or "refused: " and the words.
  [[nodiscard]] std::string resolved(const std::string& path) const {
    ReferenceOptions options;
    options.root = root();
    options.maxBytes = 64;
    const auto secret = resolve({SecretReference::Kind::kFile, path}, "app", options);
    return secret ? std::string(secret->reveal(Purpose::kPostBody)) : "refused: " + secret.error();
  }
  tests::TemporaryFolder folder_;
};

TEST_F(FileReference, IsReadWithoutItsOneTrailingNewline) {
  write("plain", "s3cret");
  write("line", "s3cret\n");
  write("dos", "s3cret\r\n");
  write("two", "s3cret\n\n");
  write("spaces", " s3cret \n");
  write("deep/er/still", "s3cret");
  EXPECT_EQ(resolved("plain"), "s3cret");
  EXPECT_EQ(resolved("line"), "s3cret");
  EXPECT_EQ(resolved("dos"), "s3cret");
  EXPECT_EQ(resolved("two"), "s3cret\n");
  EXPECT_EQ(resolved("spaces"), " s3cret ");
  EXPECT_EQ(resolved("deep/er/still"), "s3cret");
  EXPECT_EQ(resolved("./deep/../plain"), "s3cret");
}

TEST_F(FileReference, MayBeAnAbsolutePathBelowTheRoot) {
  write("app", "s3cret");
  EXPECT_EQ(resolved(root() + "/app"), "s3cret");
  EXPECT_EQ(resolved(root() + "//app"), "s3cret");
  EXPECT_THAT(resolved(root() + "-twin/app"), HasSubstr("not below --secrets-root"));
  EXPECT_THAT(resolved("/etc/hostname"), HasSubstr("not below --secrets-root"));
  EXPECT_THAT(resolved(root()), HasSubstr("not below --secrets-root"));
  EXPECT_THAT(resolved(""), HasSubstr("refused"));
}

TEST_F(FileReference, FollowsLinksThatStayBelowTheRootAsAKubernetesSecretHasThem) {
  write("..2026_01_01/app", "s3cret");
  fs::create_symlink("..2026_01_01", root() + "/..data");
  fs::create_symlink("..data/app", root() + "/app");
  EXPECT_EQ(resolved("app"), "s3cret");
}

TEST_F(FileReference, NeverLeavesTheRootWhateverItsPathAndLinksSay) {
  folder_.write("outside", "not-for-you");
  fs::create_symlink(folder_.path() + "/outside", root() + "/absolute");
  fs::create_symlink("../outside", root() + "/relative");
  fs::create_symlink("..", root() + "/up");
  fs::create_symlink("chain2", root() + "/chain1");
  fs::create_symlink("relative", root() + "/chain2");
  fs::create_symlink("/proc/self/cwd", root() + "/magic");
  for (const auto* path :
       {"absolute", "relative", "up/outside", "chain1", "../outside", "./../outside", "magic/x"}) {
    EXPECT_THAT(resolved(path),
                AllOf(HasSubstr("leads out of --secrets-root"), Not(HasSubstr("not-for-you"))))
        << path;
  }
}

TEST_F(FileReference, ThatIsNotThereYetOrEmptySaysSo) {
  write("empty", "");
  write("newline", "\n");
  fs::create_symlink("nowhere", root() + "/dangling");
  write("file", "s3cret");
  EXPECT_THAT(resolved("missing"), HasSubstr("not there yet"));
  EXPECT_THAT(resolved("missing/too"), HasSubstr("not there yet"));
  EXPECT_THAT(resolved("dangling"), HasSubstr("not there yet"));
  EXPECT_THAT(resolved("empty"), HasSubstr("empty"));
  EXPECT_THAT(resolved("newline"), HasSubstr("empty"));
  write("short", "12345\n");
  EXPECT_THAT(resolved("short"), AllOf(HasSubstr("fewer than 6 bytes"), Not(HasSubstr("12345"))));
}

TEST_F(FileReference, ThatIsNoRegularFileIsRefusedAtOnce) {
  fs::create_directories(root() + "/folder");
  ASSERT_EQ(mkfifo((root() + "/fifo").c_str(), 0600), 0);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string socketPath = root() + "/socket";
  socketPath.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  fs::create_symlink("circle", root() + "/circle");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(resolved("folder"), HasSubstr("is a folder"));
  EXPECT_THAT(resolved("fifo"), HasSubstr("not a regular file"));
  EXPECT_THAT(resolved("socket"), HasSubstr("not a regular file"));
  EXPECT_THAT(resolved("circle"), HasSubstr("circle of links"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  close(listener);
}

TEST_F(FileReference, ThatIsADeviceIsRefused) {
  if (mknod((root() + "/zero").c_str(), S_IFCHR | 0600, makedev(1, 5)) != 0) GTEST_SKIP() << "needs root";
  EXPECT_THAT(resolved("zero"), HasSubstr("not a regular file"));
}

TEST_F(FileReference, MayBeAsLargeAsTheLimitAndNoLarger) {
  write("just", std::string(64, 'x') + "\n");
  write("more", std::string(65, 'x'));
  write("much", std::string(1 << 20, 'x'));
  EXPECT_EQ(resolved("just"), std::string(64, 'x'));
  EXPECT_THAT(resolved("more"), HasSubstr("larger than the 64 bytes"));
  EXPECT_THAT(resolved("much"), HasSubstr("larger than the 64 bytes"));
}

TEST_F(FileReference, ThatIsNotTextIsRefusedWithoutBeingQuoted) {
  write("nul", std::string("abc\0def", 7));
  write("latin1", "caf\xe9 secret");
  write("utf8", "a caf\xc3\xa9");
  EXPECT_THAT(resolved("nul"), AllOf(HasSubstr("not text"), Not(HasSubstr("abc"))));
  EXPECT_THAT(resolved("latin1"), AllOf(HasSubstr("not text"), Not(HasSubstr("caf"))));
  EXPECT_EQ(resolved("utf8"), "a caf\xc3\xa9");
}

TEST_F(FileReference, ThatMayNotBeReadSaysWhatToGive) {
  write("closed", "s3cret");
  fs::permissions(folder_.path(), fs::perms::all);  // its way is open, it is not
  fs::permissions(root() + "/closed", fs::perms::none);
  const test::NotRoot somebody;
  EXPECT_THAT(resolved("closed"), HasSubstr("permission"));
}

TEST_F(FileReference, WithoutARootIsRefused) {
  const auto secret = resolve({SecretReference::Kind::kFile, "app"}, "app", {});
  ASSERT_FALSE(secret.has_value());
  EXPECT_THAT(secret.error(), HasSubstr("--secrets-root, which is not set"));
}

TEST_F(FileReference, BelowARootThatIsNoFolderNamesTheRoot) {
  ReferenceOptions options;
  options.root = "/nonexistent-root";
  EXPECT_THAT(resolve({SecretReference::Kind::kFile, "app"}, "app", options).error(),
              HasSubstr("/nonexistent-root"));
}

std::string fromEnvironment(const std::string& name, const ReferenceOptions& options = {}) {
  const auto secret = resolve({SecretReference::Kind::kEnvironment, name}, "app", options);
  return secret ? std::string(secret->reveal(Purpose::kPostBody)) : "refused: " + secret.error();
}

TEST(EnvironmentReference, IsReadBelowThePrefixOnly) {
  setenv("HYDRA_CLIENTS_SECRET_APP", "s3cret", 1);
  setenv("OTHER_APP", "not-for-you", 1);
  ReferenceOptions other;
  other.envPrefix = "OTHER_";
  EXPECT_EQ(fromEnvironment("HYDRA_CLIENTS_SECRET_APP"), "s3cret");
  EXPECT_EQ(fromEnvironment("OTHER_APP", other), "not-for-you");
  EXPECT_THAT(fromEnvironment("OTHER_APP"),
              AllOf(HasSubstr("must begin with HYDRA_CLIENTS_SECRET_"), HasSubstr("--secrets-env-prefix"),
                    Not(HasSubstr("not-for-you"))));
  EXPECT_THAT(fromEnvironment("PATH"), HasSubstr("must begin with"));
}

TEST(EnvironmentReference, ThatIsUnsetEmptyOrTooLargeSaysSo) {
  setenv("HYDRA_CLIENTS_SECRET_EMPTY", "", 1);
  setenv("HYDRA_CLIENTS_SECRET_LARGE", std::string(20'000, 'x').c_str(), 1);
  setenv("HYDRA_CLIENTS_SECRET_SHORT", "12345", 1);
  EXPECT_THAT(fromEnvironment("HYDRA_CLIENTS_SECRET_SHORT"),
              AllOf(HasSubstr("fewer than 6 bytes"), Not(HasSubstr("12345"))));
  EXPECT_THAT(fromEnvironment("HYDRA_CLIENTS_SECRET_UNSET"), HasSubstr("not set"));
  EXPECT_THAT(fromEnvironment("HYDRA_CLIENTS_SECRET_EMPTY"), HasSubstr("empty"));
  EXPECT_THAT(fromEnvironment("HYDRA_CLIENTS_SECRET_LARGE"), HasSubstr("larger than"));
  EXPECT_THAT(fromEnvironment("HYDRA_CLIENTS_SECRET_A=B"), HasSubstr("no lawful name"));
  EXPECT_THAT(fromEnvironment(""), HasSubstr("no lawful name"));
}

TEST(PgpReference, WithoutAPrivateKeyNamesTheFlagForIt) {
  const auto secret = resolve({SecretReference::Kind::kPgp, "-----BEGIN PGP MESSAGE-----"}, "app", {});
  ASSERT_FALSE(secret.has_value());
  EXPECT_THAT(secret.error(), HasSubstr("--pgp-private-key-file"));
}

TEST_F(FileReference, WithoutALawfulNameIsRefused) {
  for (const std::string& path : {std::string(), std::string("a\0b", 3)}) {
    EXPECT_THAT(resolved(path), HasSubstr("the file has no lawful name"));
  }
  EXPECT_THAT(resolved(std::string(300, 'x')), HasSubstr("cannot be opened: File name too long"));
}

TEST(EnvironmentReference, WithANulInItsNameIsRefused) {
  EXPECT_THAT(fromEnvironment(std::string("HYDRA_CLIENTS_SECRET_A\0B", 24)), HasSubstr("no lawful name"));
}

TEST(Reference, IsCheckedAsItIsResolved) {
  setenv("HYDRA_CLIENTS_SECRET_CHECKED", "s3cret", 1);
  EXPECT_TRUE(check({SecretReference::Kind::kEnvironment, "HYDRA_CLIENTS_SECRET_CHECKED"}, "app", {}));
  EXPECT_THAT(check({SecretReference::Kind::kEnvironment, "HYDRA_CLIENTS_SECRET_UNSET"}, "app", {}).error(),
              HasSubstr("is not set"));
  EXPECT_THAT(check({SecretReference::Kind::kPgp, "message"}, "app", {}).error(),
              HasSubstr("--pgp-private-key-file"));
  ReferenceOptions options;
  options.decryptor = std::make_shared<Decryptor>(DecryptorOptions{"/nonexistent/key.asc", "", {}});
  const SecretReference sealed{SecretReference::Kind::kPgp, "message"};
  EXPECT_THAT(check(sealed, "app", options).error(), HasSubstr("/nonexistent/key.asc is not there"));
  EXPECT_THAT(resolve(sealed, "app", options).error(), HasSubstr("/nonexistent/key.asc is not there"));
}

}  // namespace
}  // namespace hydra_clients::secrets

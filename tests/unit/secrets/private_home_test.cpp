#include "secrets/private_home.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eventually.h"
#include "gnupg.h"

namespace hydra_clients::secrets {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::vector<std::string> foldersBelow(const std::string& base) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(base)) names.push_back(entry.path());
  return names;
}

/// A process that makes a home below `base` and is killed.
std::string homeOfAKilledProcess(const std::string& base) {
  const pid_t child = fork();
  if (child == 0) {
    auto home = PrivateHome::create({base});
    std::ofstream((*home)->path() + "/pubring.kbx") << "keys";
    std::raise(SIGKILL);
  }
  waitpid(child, nullptr, 0);
  const auto left = foldersBelow(base);
  return left.empty() ? "" : left.front();
}

TEST(PrivateHome, IsRemovedWithItsObjectAndAllThatStandsInIt) {
  const tests::TemporaryFolder base;
  {
    const auto home = PrivateHome::create({base.path()});
    ASSERT_TRUE(home.has_value()) << home.error();
    fs::create_directories((*home)->path() + "/private-keys-v1.d");
    std::ofstream((*home)->path() + "/private-keys-v1.d/x") << "x";
  }
  EXPECT_TRUE(foldersBelow(base.path()).empty());
}

TEST(PrivateHome, OfAKilledProcessIsRemovedByTheNextStart) {
  const tests::TemporaryFolder base;
  const std::string dead = homeOfAKilledProcess(base.path());
  ASSERT_FALSE(dead.empty());
  ASSERT_TRUE(fs::exists(dead + "/pubring.kbx"));
  const auto home = PrivateHome::create({base.path()});
  EXPECT_EQ(foldersBelow(base.path()), std::vector<std::string>{(*home)->path()});
}

TEST(PrivateHome, OfAKilledProcessTakesItsAgentWithIt) {
  const tests::TemporaryFolder base;
  const std::string dead = homeOfAKilledProcess(base.path());
  ASSERT_EQ(tests::runProgram({"gpg-agent", "--homedir", dead, "--daemon"}).status, 0);
  ASSERT_FALSE(tests::processesWith(dead).empty());
  const auto home = PrivateHome::create({base.path()});
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_TRUE(test::eventually([&] { return tests::processesWith(dead).empty(); }));
}

TEST(PrivateHome, IsRemovedAlthoughAnAgentDoesNotAnswer) {
  const tests::TemporaryFolder base;
  auto home = PrivateHome::create({base.path()});
  const int deaf = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (*home)->path() + "/S.gpg-agent";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(deaf, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(deaf, 1), 0);
  const auto begin = std::chrono::steady_clock::now();
  home->reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_TRUE(foldersBelow(base.path()).empty());
  close(deaf);
}

TEST(PrivateHome, OfALivingProcessIsLeftAlone) {
  const tests::TemporaryFolder base;
  const auto living = PrivateHome::create({base.path()});
  const auto another = PrivateHome::create({base.path()});
  EXPECT_TRUE(fs::exists((*living)->path()));
  EXPECT_TRUE(fs::exists((*another)->path()));
}

TEST(PrivateHome, LeavesAloneWhatIsNotProvablyADeadOneOfOurs) {
  const tests::TemporaryFolder base;
  const tests::TemporaryFolder precious;
  precious.write("in-use", "");
  fs::create_directories(base.path() + "/somebody-elses");
  fs::create_directory_symlink(precious.path(), base.path() + "/hydra-clients-gpg-1-abcdef");
  base.write("hydra-clients-gpg-2-abcdef", "a file");
  fs::create_directories(base.path() + "/hydra-clients-gpg-3-abcdef");  // being made just now: not locked yet
  fs::permissions(base.path() + "/hydra-clients-gpg-3-abcdef", fs::perms::owner_all);
  const auto home = PrivateHome::create({base.path()});
  EXPECT_EQ(foldersBelow(base.path()).size(), 5U);
  EXPECT_TRUE(fs::exists(precious.path() + "/in-use"));
}

TEST(PrivateHome, TakesTheFirstBaseThatCanHoldOneAndElseNamesThemAll) {
  const tests::TemporaryFolder base;
  const std::string longBase = base.path() + "/" + std::string(100, 'x');
  fs::create_directories(longBase);
  const auto home = PrivateHome::create({"/nonexistent", longBase, "relative", base.path()});
  ASSERT_TRUE(home.has_value()) << home.error();
  EXPECT_TRUE((*home)->path().starts_with(base.path() + "/hydra-clients-gpg-"));
  const auto none = PrivateHome::create({"/nonexistent", longBase});
  ASSERT_FALSE(none.has_value());
  EXPECT_THAT(none.error(), HasSubstr("/nonexistent: No such file"));
  EXPECT_THAT(none.error(), HasSubstr("too long"));
}

TEST(PrivateHome, IsMadeBelowAnAbsolutePathOnly) {
  const auto none = PrivateHome::create({"", "relative"});
  ASSERT_FALSE(none.has_value());
  EXPECT_THAT(none.error(), HasSubstr("(: not an absolute path; relative: not an absolute path)"));
}

TEST(PrivateHome, IsLookedForWhereTheSessionKeepsItsOwnFirst) {
  setenv("XDG_RUNTIME_DIR", "/run/user/1", 1);
  EXPECT_EQ(PrivateHome::defaultBases(), (std::vector<std::string>{"/run/user/1", "/dev/shm", "/tmp"}));
  setenv("XDG_RUNTIME_DIR", "", 1);
  EXPECT_EQ(PrivateHome::defaultBases(), (std::vector<std::string>{"/dev/shm", "/tmp"}));
  unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ(PrivateHome::defaultBases(), (std::vector<std::string>{"/dev/shm", "/tmp"}));
}

}  // namespace
}  // namespace hydra_clients::secrets

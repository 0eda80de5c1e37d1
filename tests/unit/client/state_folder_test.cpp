#include "client/state_folder.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "not_root.h"

namespace hydra_clients {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class StateFolderTest : public testing::Test {
 protected:
  StateFolderTest() {
    std::string name = (fs::temp_directory_path() / "state-test-XXXXXX").string();
    parent_ = ::mkdtemp(name.data());
    fs::permissions(parent_, fs::perms(0755));
  }
  ~StateFolderTest() override { fs::remove_all(parent_); }

  fs::path parent_;
};

TEST_F(StateFolderTest, IsMadeForThisUserAloneAndLeftAsItIs) {
  const fs::path folder = parent_ / "state";
  ASSERT_TRUE(makeStateFolder(folder));
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms(0700));
  fs::permissions(folder, fs::perms(0750));
  ASSERT_TRUE(makeStateFolder(folder));
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms(0750));
}

TEST_F(StateFolderTest, ThatCannotBeIsAnErrorInWords) {
  EXPECT_THAT(makeStateFolder(parent_ / "a/b").error(),
              HasSubstr("the folder that it should stand in is not there"));
  std::ofstream(parent_ / "file") << "x";
  EXPECT_THAT(makeStateFolder(parent_ / "file").error(), HasSubstr("is a file"));
  fs::create_directory(parent_ / "outbox");
  std::ofstream(parent_ / "outbox/.format") << "hydra-clients outbox 1\n";
  EXPECT_THAT(makeStateFolder(parent_ / "outbox").error(), HasSubstr("it is an outbox"));
  const test::NotRoot user;
  EXPECT_THAT(makeStateFolder(parent_ / "state").error(), HasSubstr("Permission denied"));
}

TEST_F(StateFolderTest, SaysItsFormatAndIsRefusedWhereItHasAnother) {
  const fs::path folder = parent_ / "state";
  ASSERT_TRUE(lockStateFolder(folder));
  const auto written = [&] {
    std::ifstream file(folder / "format");
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_EQ(written(), "hydra-clients state 1\n");
  EXPECT_TRUE(lockStateFolder(folder));
  const std::string newer = "it has format 2, and this version of the program knows only 1: use a newer one";
  const std::string foreign = "does not say that it is the state folder of this program: name another folder";
  for (const auto& [other, why] : {std::pair<std::string, std::string>("hydra-clients state 2\n", newer),
                                   {"hydra-clients state 2", newer},
                                   {"", foreign},
                                   {"hydra-clients outbox 1\n", foreign},
                                   {"hydra-clients state \x1b[31m\n", "it has format \\x1b[31m, and"}}) {
    std::ofstream(folder / "format") << other;
    ASSERT_FALSE(makeStateFolder(folder)) << other;
    EXPECT_THAT(makeStateFolder(folder).error(), HasSubstr(why));
    EXPECT_THAT(lockStateFolder(folder).error().words, HasSubstr(why));
    EXPECT_EQ(written(), other);
  }
}

TEST_F(StateFolderTest, BelongsToOneHolderAtATime) {
  const std::string folder = parent_ / "state";
  {
    const auto first = lockStateFolder(folder);
    ASSERT_TRUE(first) << first.error().words;
    const auto second = lockStateFolder(folder);
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().inUse);
    EXPECT_THAT(stateFolderHolder(folder).value_or(""),
                testing::StartsWith("process " + std::to_string(::getpid()) + " on "));
    EXPECT_THAT(second.error().words,
                HasSubstr("is in use by process " + std::to_string(::getpid()) + " on "));
  }
  EXPECT_EQ(stateFolderHolder(folder), std::nullopt);
  EXPECT_TRUE(lockStateFolder(folder)) << "whoever only looked has let go";
  EXPECT_EQ(stateFolderHolder(parent_ / "nowhere"), std::nullopt);
}

}  // namespace
}  // namespace hydra_clients

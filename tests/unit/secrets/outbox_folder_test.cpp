#include "secrets/outbox_folder.h"

#include <csignal>

#include <sys/stat.h>

#include "outbox_fixture.h"

namespace hydra_clients::secrets {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

mode_t modeOf(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777U;
}

TEST_F(OutboxTest, IsMadeWhereItIsMissingAndOpenedWhereItIsThere) {
  EXPECT_EQ(open()->folder(), path_);
  EXPECT_EQ(contentOf(path_ + "/.format"), "hydra-clients outbox 1\n");
  EXPECT_EQ(open(path_ + "//")->folder(), path_);
  EXPECT_THAT(open()->warnings(), IsEmpty());
}

TEST_F(OutboxTest, IsOpenedThroughALinkToAFolder) {
  fs::create_directory(base_.path() + "/volume");
  fs::create_symlink("volume", path_);
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  EXPECT_EQ(resolve(*outbox, "app", kFirst).ours->file, path_ + "/app.asc");
}

TEST_F(OutboxTest, BelongsToOneProcessAtATime) {
  auto first = open();
  const std::string holder = "in use by process " + std::to_string(getpid()) + " on ";
  EXPECT_THAT(refusal(), HasSubstr(holder));
  EXPECT_THAT(inChild([&] { return refusal(); }), HasSubstr(holder));
  first.reset();
  EXPECT_TRUE(Outbox::open(path_).has_value());
}

TEST_F(OutboxTest, IsFreeAgainWhenItsProcessWasKilled) {
  const pid_t child = fork();
  if (child == 0) {
    const auto outbox = open();
    (void)outbox->addPending("app", kFirst, kMessage, {});
    std::raise(SIGKILL);
  }
  waitpid(child, nullptr, 0);
  EXPECT_THAT(open()->pendingIds(), ElementsAre("app"));
}

TEST_F(OutboxTest, NamesTheFolderThatShouldHoldIt) {
  EXPECT_THAT(refusal(base_.path() + "/a/b"), HasSubstr("the folder that it should stand in is not there"));
  EXPECT_FALSE(fs::exists(base_.path() + "/a"));
}

TEST_F(OutboxTest, IsNoFileAndNoLinkToNothing) {
  base_.write("file", "text");
  EXPECT_THAT(refusal(base_.path() + "/file"), HasSubstr("is a file: name a folder"));
  EXPECT_THAT(refusal(base_.path() + "/file/out"), HasSubstr("is a file: name a folder"));
  fs::create_symlink("nothing", path_);
  EXPECT_THAT(refusal(), HasSubstr("a symbolic link to nothing"));
  EXPECT_FALSE(fs::exists(base_.path() + "/nothing"));
}

TEST_F(OutboxTest, TakesAnEmptyFolderAndClosesItToOthers) {
  fs::create_directory(path_);
  fs::create_directory(path_ + "/lost+found");
  ASSERT_EQ(chmod(path_.c_str(), 0755), 0);
  EXPECT_THAT(open()->warnings(), ElementsAre(HasSubstr("was open to others (mode 0755)")));
  EXPECT_EQ(modeOf(path_), 0700U);
}

TEST_F(OutboxTest, ClosesItselfAgainAfterKubernetesGaveItToAGroup) {
  add(*open(), "app", kFirst);
  ASSERT_EQ(chmod(path_.c_str(), 02770), 0);
  const auto outbox = open();
  EXPECT_THAT(outbox->warnings(), ElementsAre(HasSubstr("mode 2770")));
  EXPECT_EQ(modeOf(path_), 0700U);
  EXPECT_EQ(outbox->pending(), 1U);
}

TEST_F(OutboxTest, IsNoFolderThatOthersMayWriteTo) {
  fs::create_directory(path_);
  for (const mode_t mode : {01777U, 0707U, 0770U}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_THAT(refusal(), HasSubstr("others may write to it"));
    EXPECT_EQ(modeOf(path_), mode) << "it is not ours to change";
    EXPECT_THAT(names(), IsEmpty());
  }
}

TEST_F(OutboxTest, IsNoFolderOfAnotherUser) {
  constexpr uid_t kAnother = 12345;
  std::string folder = "/";  // root's, for whoever is not root
  if (geteuid() == 0) {
    fs::create_directory(path_);
    ASSERT_EQ(chown(path_.c_str(), kAnother, kAnother), 0);
    folder = path_;
  }
  EXPECT_THAT(refusal(folder),
              testing::AllOf(HasSubstr("it belongs to user "), HasSubstr("name a folder inside it")));
}

TEST_F(OutboxTest, IsNoFolderWithOtherThingsInIt) {
  fs::create_directory(path_);
  base_.write("out/notes.txt", "mine");
  EXPECT_THAT(refusal(),
              testing::AllOf(HasSubstr("not empty (it holds notes.txt)"), HasSubstr("a folder of its own")));
  EXPECT_THAT(names(), ElementsAre("notes.txt"));
  EXPECT_FALSE(fs::exists(path_ + "/.lock"));
}

TEST_F(OutboxTest, OfANewerFormatIsRefusedAndNotTouched) {
  add(*open(), "app", kFirst);
  base_.write("out/.format", "hydra-clients outbox 2\n");
  base_.write("out/.pending/.tmp-left", "part");
  fs::remove(path_ + "/.lock");
  const auto before = names();
  EXPECT_THAT(refusal(), HasSubstr("it has format 2, and this version of the program knows only 1"));
  EXPECT_EQ(names(), before);
  EXPECT_FALSE(fs::exists(path_ + "/.lock"));
}

TEST_F(OutboxTest, IsNotBegunOnAFormatThatIsNone) {
  for (const std::string& text : {std::string(), std::string("something else"), std::string(5000, 'x')}) {
    fs::create_directory(path_);
    base_.write("out/.format", text);
    EXPECT_THAT(refusal(), HasSubstr(".format"));
    EXPECT_EQ(contentOf(path_ + "/.format"), text);
  }
}

TEST_F(OutboxTest, GoesOnWhereAKilledFirstStartStopped) {
  fs::create_directory(path_);
  ASSERT_EQ(chmod(path_.c_str(), 0700), 0);
  base_.write("out/.lock", "");
  base_.write("out/.pending/.tmp-left", "hydra-");
  const auto outbox = open();
  EXPECT_THAT(outbox->warnings(), IsEmpty());
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_TRUE(fs::exists(path_ + "/.format"));
}

TEST_F(OutboxTest, WantsPlainFilesAndFoldersForItsOwn) {
  const tests::TemporaryFolder elsewhere;
  add(*open(), "app", kFirst);
  fs::rename(path_ + "/.pending", base_.path() + "/moved");
  fs::create_directory_symlink(base_.path() + "/moved", path_ + "/.pending");
  EXPECT_THAT(refusal(), HasSubstr(".pending is not a folder but a file or a symbolic link"));
  fs::remove(path_ + "/.pending");
  base_.write("out/.pending", "text");
  EXPECT_THAT(refusal(), HasSubstr(".pending is not a folder"));
  fs::remove(path_ + "/.pending");
  fs::rename(base_.path() + "/moved", path_ + "/.pending");
  fs::remove(path_ + "/.lock");
  fs::create_symlink(elsewhere.path() + "/made", path_ + "/.lock");
  EXPECT_THAT(refusal(), HasSubstr(".lock cannot be opened: it is a symbolic link"));
  EXPECT_FALSE(fs::exists(elsewhere.path() + "/made"));
  fs::remove(path_ + "/.lock");
  ASSERT_EQ(mkfifo((path_ + "/.lock").c_str(), 0600), 0);
  EXPECT_THAT(refusal(), HasSubstr(".lock is not a regular file"));
  fs::remove(path_ + "/.lock");
  EXPECT_EQ(open()->pending(), 1U);
}

TEST_F(OutboxTest, IsReadWithoutItsLockAndLeftAsItIs) {
  const auto holder = open();
  EXPECT_TRUE(openOutboxToRead(path_).has_value());
  fs::create_directory(base_.path() + "/other");
  EXPECT_THAT(openOutboxToRead(base_.path() + "/other").error(),
              HasSubstr("it is not an outbox: there is no file .format in it"));
  EXPECT_THAT(openOutboxToRead(base_.path() + "/missing").error(), HasSubstr("is not there"));
  EXPECT_THAT(namesBelow(base_.path() + "/other"), IsEmpty());
}

}  // namespace
}  // namespace hydra_clients::secrets

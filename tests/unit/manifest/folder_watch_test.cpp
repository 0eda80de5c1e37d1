#include "manifest/sources/folder_watch.h"

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include <gmock/gmock.h>

#include "support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::IsEmpty;

/// Counts what a watch says.
class Changes {
 public:
  void add() {
    const std::scoped_lock lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  /// Whether there was one since the last call; waits for it.
  bool next(std::chrono::milliseconds within = 5s) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, within, [this] { return count_ > 0; });
    count_ = 0;
    return came;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

/// Long enough for a change to be told, where one is.
constexpr auto kQuiet = 150ms;

class FolderWatchTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<FolderWatch> watch(const fs::path& root) {
    return std::make_unique<FolderWatch>(
        root.string(), [this] { changes_.add(); }, [this](const std::string& text) { problems_ += text; });
  }

  TemporaryFolder folder_;
  Changes changes_;
  std::string problems_;
};

TEST_F(FolderWatchTest, SaysNothingWhereNothingHappens) {
  folder_.write("a.json", "{}");
  const auto watching = watch(folder_.path());
  EXPECT_FALSE(changes_.next(kQuiet));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(FolderWatchTest, SeesFilesThatAreWrittenRenamedIntoItAndRemoved) {
  const auto watching = watch(folder_.path());
  folder_.write("a.json", "{}");
  EXPECT_TRUE(changes_.next());
  folder_.write(".tmp", "{}");
  fs::rename(folder_ / ".tmp", folder_ / "b.json");
  EXPECT_TRUE(changes_.next());
  fs::remove(folder_ / "a.json");
  EXPECT_TRUE(changes_.next());
}

TEST_F(FolderWatchTest, SeesFoldersBelowItEvenNewOnes) {
  const auto watching = watch(folder_.path());
  fs::create_directory(folder_ / "team");
  EXPECT_TRUE(changes_.next());
  folder_.write("team/a.json", "{}");
  EXPECT_TRUE(changes_.next());
}

TEST_F(FolderWatchTest, OverlooksHiddenFilesAndWhatIsWrittenThatIsNoManifest) {
  folder_.write("notes.txt", "");
  const auto watching = watch(folder_.path());
  folder_.write(".a.json.swp", "x");
  folder_.write("notes.txt", "more");
  EXPECT_FALSE(changes_.next(kQuiet));
}

TEST_F(FolderWatchTest, SeesALinkSwappedByRenameAsGitSyncDoes) {
  fs::create_directories(folder_ / "worktrees/1/clients");
  fs::create_directories(folder_ / "worktrees/2/clients");
  fs::create_symlink("worktrees/1", folder_ / "current");
  const auto watching = watch(folder_ / "current/clients");
  for (int i = 0; i < 3; ++i) {
    fs::create_symlink(i % 2 == 0 ? "worktrees/2" : "worktrees/1", folder_ / "next");
    fs::rename(folder_ / "next", folder_ / "current");
    EXPECT_TRUE(changes_.next()) << i;
  }
  folder_.write("worktrees/2/clients/a.json", "{}");
  EXPECT_TRUE(changes_.next()) << "the new folder is watched too";
}

TEST_F(FolderWatchTest, SeesAConfigMapSwapped) {
  fs::create_directory(folder_ / "..1");
  fs::create_directory(folder_ / "..2");
  fs::create_symlink("..1", folder_ / "..data");
  const auto watching = watch(folder_.path());
  fs::create_symlink("..2", folder_ / "..data_tmp");
  fs::rename(folder_ / "..data_tmp", folder_ / "..data");
  EXPECT_TRUE(changes_.next());
}

TEST_F(FolderWatchTest, SeesAFolderThatComesLaterAndOneThatIsReplaced) {
  const auto watching = watch(folder_ / "clients");
  fs::create_directory(folder_ / "clients");
  EXPECT_TRUE(changes_.next());
  folder_.write("clients/a.json", "{}");
  EXPECT_TRUE(changes_.next());
  fs::rename(folder_ / "clients", folder_ / "old");
  EXPECT_TRUE(changes_.next());
  fs::create_directory(folder_ / "clients");
  EXPECT_TRUE(changes_.next());
}

TEST_F(FolderWatchTest, SeesOneFileAlone) {
  folder_.write("a.json", "{}");
  const auto watching = watch(folder_ / "a.json");
  folder_.write("other.json", "{}");
  EXPECT_FALSE(changes_.next(kQuiet));
  folder_.write("a.json", "[]");
  EXPECT_TRUE(changes_.next());
}

}  // namespace
}  // namespace hydra_clients::manifest

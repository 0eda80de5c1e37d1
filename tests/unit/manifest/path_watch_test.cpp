#include "manifest/sources/path_watch.h"

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include <gmock/gmock.h>

#include "git_commands.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::IsEmpty;
using tests::commitAll;
using tests::git;

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

class PathWatchTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<PathWatch> watch(const fs::path& path, const std::string& ref = "HEAD") {
    PathSourceOptions options;
    options.path = path.string();
    options.git.ref = ref;
    return std::make_unique<PathWatch>([options] { return watchedPaths(options); },
                                       [this] { changes_.add(); },
                                       [this](const std::string& text) { problems_ += text; });
  }

  TemporaryFolder folder_;
  Changes changes_;
  std::string problems_;
};

TEST_F(PathWatchTest, SaysNothingWhereNothingHappens) {
  folder_.write("a.json", "{}");
  const auto watching = watch(folder_.path());
  EXPECT_FALSE(changes_.next(kQuiet));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(PathWatchTest, SeesFilesThatAreWrittenRenamedIntoItAndRemoved) {
  const auto watching = watch(folder_.path());
  folder_.write("a.json", "{}");
  EXPECT_TRUE(changes_.next());
  folder_.write(".tmp", "{}");
  fs::rename(folder_ / ".tmp", folder_ / "b.json");
  EXPECT_TRUE(changes_.next());
  fs::remove(folder_ / "a.json");
  EXPECT_TRUE(changes_.next());
}

TEST_F(PathWatchTest, SeesFoldersBelowItEvenNewOnes) {
  const auto watching = watch(folder_.path());
  fs::create_directory(folder_ / "team");
  EXPECT_TRUE(changes_.next());
  folder_.write("team/a.json", "{}");
  EXPECT_TRUE(changes_.next());
}

TEST_F(PathWatchTest, OverlooksHiddenFilesAndWhatIsWrittenThatIsNoManifest) {
  folder_.write("notes.txt", "");
  const auto watching = watch(folder_.path());
  folder_.write(".a.json.swp", "x");
  folder_.write("notes.txt", "more");
  EXPECT_FALSE(changes_.next(kQuiet));
}

TEST_F(PathWatchTest, SeesALinkSwappedByRenameAsGitSyncDoes) {
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

TEST_F(PathWatchTest, SeesAConfigMapSwapped) {
  fs::create_directory(folder_ / "..1");
  fs::create_directory(folder_ / "..2");
  fs::create_symlink("..1", folder_ / "..data");
  const auto watching = watch(folder_.path());
  fs::create_symlink("..2", folder_ / "..data_tmp");
  fs::rename(folder_ / "..data_tmp", folder_ / "..data");
  EXPECT_TRUE(changes_.next());
}

TEST_F(PathWatchTest, SeesAFolderThatComesLaterAndOneThatIsReplaced) {
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

TEST_F(PathWatchTest, SeesOneFileAlone) {
  folder_.write("a.json", "{}");
  const auto watching = watch(folder_ / "a.json");
  folder_.write("other.json", "{}");
  EXPECT_FALSE(changes_.next(kQuiet));
  folder_.write("a.json", "[]");
  EXPECT_TRUE(changes_.next());
}

/// A checkout: what counts is what is committed.
class PathWatchOfGit : public PathWatchTest {
 protected:
  void SetUp() override {
    fs::create_directories(repository_ / "clients");
    git(folder_.path(), "init -q repository");
    folder_.write("repository/clients/a.json", "{}");
    commitAll(repository_);
  }
  const fs::path repository_ = folder_ / "repository";
};

TEST_F(PathWatchOfGit, SeesCommitsAndOverlooksTheWorkTree) {
  const auto watching = watch(repository_ / "clients");
  folder_.write("repository/clients/b.json", "{}");
  EXPECT_FALSE(changes_.next(kQuiet));
  for (int i = 0; i < 3; ++i) {
    commitAll(repository_);
    EXPECT_TRUE(changes_.next()) << i;
  }
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(PathWatchOfGit, SeesAnotherBranchCheckedOutAndThenItsCommits) {
  git(repository_, "branch team/feature");
  const auto watching = watch(repository_);
  git(repository_, "checkout -q team/feature");
  EXPECT_TRUE(changes_.next());
  commitAll(repository_);
  EXPECT_TRUE(changes_.next());
}

TEST_F(PathWatchOfGit, SeesRefsThatAreNotCheckedOut) {
  git(folder_.path(), "clone -q --bare repository bare.git");
  const auto watching = watch(folder_ / "bare.git", "team/feature");
  git(folder_ / "bare.git", "update-ref refs/heads/team/feature refs/heads/main");
  EXPECT_TRUE(changes_.next());
  git(folder_ / "bare.git", "pack-refs --all");
  EXPECT_TRUE(changes_.next());
  commitAll(repository_);
  git(repository_, "push -q '" + (folder_ / "bare.git") + "' HEAD:refs/heads/team/feature");
  EXPECT_TRUE(changes_.next());
}

TEST_F(PathWatchOfGit, SeesTheFilesOfAFolderThatIsNotTracked) {
  folder_.write("repository/generated/a.json", "{}");
  const auto watching = watch(repository_ / "generated");
  folder_.write("repository/generated/b.json", "{}");
  EXPECT_TRUE(changes_.next());
}

TEST_F(PathWatchOfGit, SeesALinkThatLeadsToAnotherFoldersLink) {
  git(repository_, "worktree add -q --detach ../worktrees/1");
  git(repository_, "worktree add -q --detach ../worktrees/2");
  fs::create_symlink("worktrees/1", folder_ / "current");
  fs::create_directory(folder_ / "elsewhere");
  fs::create_symlink("../current", folder_ / "elsewhere/manifests");
  const auto watching = watch(folder_ / "elsewhere/manifests/clients");
  for (int i = 0; i < 3; ++i) {
    fs::create_symlink(i % 2 == 0 ? "worktrees/2" : "worktrees/1", folder_ / "next");
    fs::rename(folder_ / "next", folder_ / "current");
    EXPECT_TRUE(changes_.next()) << i;
  }
}

TEST_F(PathWatchOfGit, SeesARepositoryThatIsReplaced) {
  const auto watching = watch(repository_);
  fs::rename(repository_, folder_ / "old");
  EXPECT_TRUE(changes_.next());
  git(folder_.path(), "clone -q old repository");
  EXPECT_TRUE(changes_.next());
  EXPECT_TRUE(!changes_.next(kQuiet) || !changes_.next(kQuiet)) << "it comes to rest";
  commitAll(repository_);
  EXPECT_TRUE(changes_.next());
}

}  // namespace
}  // namespace hydra_clients::manifest

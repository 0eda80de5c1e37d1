#include "manifest/sources/git/git_place.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "git_support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Kind = SourceError::Kind;

GitPlace placeOf(const std::string& path) {
  auto found = findGitPlace(path);
  EXPECT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found && *found) << path << " lies in no repository";
  return found && *found ? **found : GitPlace{};
}

bool isNoPlace(const std::string& path) {
  const auto found = findGitPlace(path);
  EXPECT_TRUE(found) << found.error().message;
  return found && !*found;
}

TEST(GitPlace, IsTheWorkTreeThatAFolderLiesIn) {
  Checkout repo;
  fs::create_directories(repo / "clients/web");
  for (const char* const path :
       {"", "/", "/clients/web", "/clients/web/", "/clients/./web", "/clients/web/../web"}) {
    const GitPlace place = placeOf(repo.folder().string() + path);
    EXPECT_EQ(place.root, repo.folder());
    EXPECT_EQ(place.inside, std::string_view(path).size() > 1 ? "clients/web" : "");
    EXPECT_FALSE(place.bare);
    EXPECT_EQ(place.missing, "");
  }
}

TEST(GitPlace, HoldsAPathThatTheWorkTreeDoesNotHave) {
  Checkout repo;
  const GitPlace place = placeOf(repo / "clients/web");
  EXPECT_EQ(place.root, repo.folder());
  EXPECT_EQ(place.inside, "clients/web");
}

TEST(GitPlace, FollowsLinksAsTheKernelDoes) {
  Checkout repo;
  fs::create_directories(repo / "clients/web");
  fs::create_directory_symlink(repo / "clients/web", repo.beside("link"));
  EXPECT_EQ(placeOf(repo.beside("link")).inside, "clients/web");
  EXPECT_EQ(placeOf(repo.beside("link/..")).inside, "clients");
  EXPECT_EQ(placeOf(repo.beside("link/../other")).inside, "clients/other");
}

TEST(GitPlace, IsNoneInAPlainFolder) {
  const TemporaryFolder folder;
  EXPECT_TRUE(isNoPlace(folder.path()));
  EXPECT_TRUE(isNoPlace(folder / "not/there"));
  EXPECT_TRUE(isNoPlace("/"));
  fs::create_directory(folder / ".git");  // and nothing in it
  EXPECT_TRUE(isNoPlace(folder.path()));
}

TEST(GitPlace, MayBeABareRepository) {
  Checkout repo("--bare");
  const GitPlace place = placeOf(repo.folder());
  EXPECT_TRUE(place.bare);
  EXPECT_EQ(place.root, repo.folder());
  EXPECT_EQ(place.inside, "");
  EXPECT_TRUE(isNoPlace(repo / "objects")) << "a bare repository holds no folders";
}

TEST(GitPlace, MayBeALinkedWorktree) {
  Checkout repo;
  repo.commit("a/b.json", "{}");
  repo("worktree add --quiet --detach ../linked");
  const GitPlace place = placeOf(repo.beside("linked/a"));
  EXPECT_EQ(place.root, repo.beside("linked"));
  EXPECT_EQ(place.inside, "a");
  EXPECT_EQ(place.missing, "");
}

TEST(GitPlace, SaysWhatTheGitFileOfAWorktreeNamesInVain) {
  Checkout repo;
  repo.commit("a/b.json", "{}");
  repo("worktree add --quiet --detach ../linked");
  fs::rename(repo.folder(), repo.beside("elsewhere"));
  const GitPlace place = placeOf(repo.beside("linked"));
  EXPECT_EQ(place.root, repo.beside("linked"));
  EXPECT_EQ(place.missing, repo / ".git/worktrees/linked");
}

TEST(GitPlace, IsTornWhereTheGitFileIsBeingWritten) {
  const TemporaryFolder folder;
  folder.write(".git", "");
  const auto found = findGitPlace(folder.path());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, Kind::kTorn);
}

TEST(GitPlace, IsTornWhereARepositoryIsBeingMadeOrRemoved) {
  Checkout repo;
  repo.commit("clients/a.json", "{}");
  fs::remove(repo / ".git/HEAD");
  const auto found = findGitPlace(repo / "clients");
  ASSERT_FALSE(found) << "half a work tree may stand there";
  EXPECT_EQ(found.error().kind, Kind::kTorn);
  EXPECT_THAT(found.error().message, HasSubstr("--working-tree reads the files beside it"));
}

TEST(GitPlace, IsTornInAWorktreeOfGitSyncThatIsBeingMadeOrRemoved) {
  Checkout repo;
  const std::string id = repo.commit("clients/a.json", "{}");
  const std::string worktree = ".worktrees/" + id;
  repo("worktree add --quiet --detach " + worktree);
  EXPECT_EQ(placeOf(repo / worktree + "/clients").root, repo / worktree);
  fs::remove(repo / worktree + "/.git");
  for (const char* const path : {"", "/clients", "/gone"}) {
    const auto found = findGitPlace(repo / worktree + path);
    ASSERT_FALSE(found) << path;
    EXPECT_EQ(found.error().kind, Kind::kTorn);
  }
  EXPECT_EQ(placeOf(repo / ".worktrees").root, repo.folder());
}

TEST(GitPlace, IsFoundWhereTheGitFolderMayNotBeRead) {
  Checkout repo;
  repo.commit("clients/a.json", "{}");
  fs::permissions(repo / ".git", fs::perms::none);
  {
    const NotRoot nobody;
    EXPECT_EQ(placeOf(repo / "clients").root, repo.folder()) << "it is no plain folder";
  }
  fs::permissions(repo / ".git", fs::perms(0700));
}

TEST(GitPlace, IsAnErrorWhereAFolderOnTheWayMayNotBeSearched) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "shut/open");
  fs::permissions(folder / "shut", fs::perms::none);
  {
    const NotRoot nobody;
    const auto found = findGitPlace(folder / "shut/open");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, Kind::kUnreadable);
    EXPECT_THAT(found.error().message, HasSubstr("Permission denied"));
  }
  fs::permissions(folder / "shut", fs::perms(0700));
}

TEST(GitPlace, IsAnErrorWhereTheFolderThatAGitFileNamesMayNotBeRead) {
  Checkout repo;
  repo.commit("a.json", "{}");
  repo("worktree add --quiet --detach ../linked");
  fs::permissions(repo / ".git/worktrees", fs::perms::none);
  {
    const NotRoot nobody;
    const auto found = findGitPlace(repo.beside("linked"));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, Kind::kUnreadable);
    EXPECT_THAT(found.error().message, HasSubstr("let the user that runs hydra-clients read it"));
  }
  fs::permissions(repo / ".git/worktrees", fs::perms(0700));
}

}  // namespace
}  // namespace hydra_clients::manifest

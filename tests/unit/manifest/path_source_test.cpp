#include "manifest/sources/path_source.h"

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <unistd.h>

#include "git_support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Kind = SourceError::Kind;

/// A source, and what reads it.
struct Reader {
  explicit Reader(std::string path, bool workingTree = false, GitSourceOptions git = {})
      : source({std::move(path), workingTree, std::move(git)}) {}

  Reading read() {
    auto reading = reader.read(source);
    EXPECT_TRUE(reading) << reading.error().message;
    return reading ? std::move(*reading) : Reading{std::make_shared<const ManifestSet>(), {}, {}, {}, {}};
  }
  std::vector<std::string> ids() { return idsOf(*read().set); }
  std::string revision() { return read().revision.id; }
  SourceError error() {
    const auto reading = reader.read(source);
    return reading ? SourceError{Kind::kUnreadable, "no error"} : reading.error();
  }

  PathSource source;
  SetReader reader{ReadingOptions{}};
};

/// What git-sync v4 keeps: a repository, a worktree named by its commit, and a link to it.
class GitSync {
 public:
  [[nodiscard]] std::string operator/(std::string_view name) const { return root_ / name; }
  [[nodiscard]] fs::path folder() const { return root_.folder(); }
  [[nodiscard]] std::string beside(std::string_view name) const { return root_.beside(name); }
  [[nodiscard]] std::string link() const { return root_ / "current"; }
  [[nodiscard]] std::string worktree(const std::string& id) const { return root_ / ".worktrees/" + id; }
  void write(const std::string& id, const std::string& name, std::string_view content) const {
    root_.write(".worktrees/" + id + '/' + name, content);
  }

  /// A new commit with one client, checked out, and the link swapped to it.
  std::string publish(const std::string& clientId) {
    std::string id = origin_.commit("clients/a.json", client(clientId));
    root_("fetch -q " + origin_.folder().string() + " HEAD");
    root_("worktree add -q --force --detach .worktrees/" + id + " " + id);
    swapLink(id);
    return id;
  }
  void swapLink(const std::string& id) const {
    fs::create_symlink(".worktrees/" + id, root_ / "tmp-link");
    fs::rename(root_ / "tmp-link", link());
  }
  void remove(const std::string& id) const {
    fs::remove_all(worktree(id));
    root_("worktree prune");
  }

 private:
  Checkout origin_, root_;
};

// ---- commits and files ------------------------------------------------------------------

TEST(PathSource, ReadsTheCommitWhereThereIsOneAndElseTheFiles) {
  Checkout repo;
  repo.write("a.json", client("file"));
  Reader reader(repo.folder());
  EXPECT_THAT(reader.ids(), ElementsAre("file")) << "no commit yet";
  EXPECT_EQ(reader.revision(), "");
  EXPECT_EQ(reader.source.description(), "folder " + repo.folder().string());
  const std::string id = repo.commit("a.json", client("commit"));
  repo.write("a.json", client("file again"));
  EXPECT_THAT(reader.ids(), ElementsAre("commit"));
  EXPECT_EQ(reader.revision(), id);
  EXPECT_EQ(reader.source.description(), "git repository " + repo.folder().string() + ", HEAD");
}

TEST(PathSource, ReadsTheFilesWhereItIsToldTo) {
  Checkout repo;
  repo.commit("clients/a.json", client("commit"));
  repo.write("clients/a.json", client("file"));
  Reader reader(repo.folder(), /*workingTree=*/true, {.inside = "clients"});
  EXPECT_THAT(reader.ids(), ElementsAre("file"));
  EXPECT_EQ(reader.revision(), "");
}

TEST(PathSource, ReadsAPlainFolderOrAFile) {
  const TemporaryFolder folder;
  folder.write("sub/a.json", client("a"));
  EXPECT_THAT(Reader(folder.path()).ids(), ElementsAre("a"));
  EXPECT_THAT(Reader(folder / "sub/a.json").ids(), ElementsAre("a"));
  EXPECT_EQ(Reader(folder / "nosuch").error().kind, Kind::kAbsent);
}

TEST(PathSource, ReadsAnUntrackedFolderInsideAWorkTreeAsAPlainOne) {
  Checkout repo;
  repo.commit("README.md", "x");
  repo.write("generated/a.json", client("a"));
  EXPECT_THAT(Reader(repo / "generated").ids(), ElementsAre("a"));
}

TEST(PathSource, NeverReadsFilesWhereARefOrASignatureIsAskedFor) {
  const TemporaryFolder folder;
  folder.write("a.json", client("a"));
  EXPECT_THAT(Reader(folder.path(), false, {.ref = "main"}).error().message,
              HasSubstr("is in no Git repository that holds it, and --ref names a commit"));
  const CommitCheck anything = [](const CommitSignature&) { return std::string(); };
  const SourceError error = Reader(folder.path(), false, {.check = anything}).error();
  EXPECT_EQ(error.kind, Kind::kUnproven);
  EXPECT_THAT(error.message, HasSubstr("--require-signed-commits lets nothing else be read"));
}

TEST(PathSource, NeverReadsFilesInPlaceOfARepositoryThatMayNotBeRead) {
  Checkout repo;
  repo.commit("a.json", client("a"));
  fs::permissions(repo / ".git", fs::perms::none);
  {
    const NotRoot nobody;
    const SourceError error = Reader(repo.folder()).error();
    EXPECT_EQ(error.kind, Kind::kUnreadable);
    EXPECT_THAT(error.message, HasSubstr("chmod -R a+rX"));
  }
  fs::permissions(repo / ".git", fs::perms(0755));
}

TEST(PathSource, NeverReadsFilesWhereItHasReadACommit) {
  Checkout repo;
  const std::string id = repo.commit("a.json", client("commit"));
  Reader reader(repo.folder());
  EXPECT_EQ(reader.revision(), id);
  repo.write("a.json", client("file"));
  fs::rename(repo / ".git", repo.beside("away"));
  const SourceError error = reader.error();
  EXPECT_EQ(error.kind, Kind::kTorn);
  EXPECT_THAT(error.message, AllOf(StartsWith(repo.folder().string()), HasSubstr("--working-tree")));
  fs::rename(repo.beside("away"), repo / ".git");
  EXPECT_THAT(reader.ids(), ElementsAre("commit"));
}

// ---- git-sync ---------------------------------------------------------------------------

TEST(PathSource, FollowsTheLinkOfGitSync) {
  GitSync sync;
  const std::string first = sync.publish("v1");
  Reader reader(sync.link(), false, {.inside = "clients"});
  Reader inFolder(sync.link() + "/clients");
  EXPECT_EQ(reader.revision(), first);
  EXPECT_EQ(inFolder.revision(), first);
  const std::string second = sync.publish("v2");
  sync.remove(first);
  for (Reader* const one : {&reader, &inFolder}) {
    EXPECT_THAT(one->ids(), ElementsAre("v2"));
    EXPECT_EQ(one->revision(), second);
    EXPECT_EQ(one->read().set->manifests[0]->from.path, "clients/a.json");
  }
}

TEST(PathSource, ReadsTheCommitOfAWorktreeThatIsHalfThere) {
  GitSync sync;
  const std::string id = sync.publish("v1");
  fs::remove_all(sync.worktree(id) + "/clients");
  EXPECT_THAT(Reader(sync.link() + "/clients").ids(), ElementsAre("v1"));
}

TEST(PathSource, TakesARootThatIsSeenAtAnotherPath) {
  GitSync sync;
  const std::string id = sync.publish("v1");
  fs::rename(sync.folder(), sync.beside("mounted"));
  Reader reader(sync.beside("mounted/current"));
  EXPECT_EQ(reader.revision(), id);
  EXPECT_TRUE(reader.read().notices.empty());
}

// ---- a worktree alone -------------------------------------------------------------------

/// As it is seen where the root of git-sync is mounted at another path, and `.git` names the old one.
void hideRepository(const GitSync& sync, const std::string& id) {
  std::ofstream(sync.worktree(id) + "/.git") << "gitdir: /nowhere/.git/worktrees/" << id << "\n";
}

TEST(PathSource, ReadsTheFilesOfAWorktreeWhoseRepositoryIsNotThere) {
  GitSync sync;
  const std::string first = sync.publish("v1");
  hideRepository(sync, first);
  Reader reader(sync.link(), false, {.inside = "clients"});
  EXPECT_THAT(reader.ids(), ElementsAre("v1"));
  EXPECT_EQ(reader.revision(), first);
  const std::string second = sync.publish("v2");
  hideRepository(sync, second);
  EXPECT_THAT(reader.ids(), ElementsAre("v2"));
  EXPECT_EQ(reader.revision(), second);
}

/// As others lay out trees that they publish in git-sync's way, without Git.
void removeRepository(const GitSync& sync, const std::string& id) {
  fs::remove_all(sync.folder() / ".git");
  fs::remove(sync.worktree(id) + "/.git");
}

TEST(PathSource, ReadsTheFilesOfATreeThatIsNamedAsGitSyncNamesThem) {
  GitSync sync;
  const std::string first = sync.publish("v1");
  const std::string second = sync.publish("v2");
  removeRepository(sync, first);
  removeRepository(sync, second);
  sync.swapLink(first);
  Reader reader(sync.link());
  EXPECT_THAT(reader.ids(), ElementsAre("v1"));
  EXPECT_EQ(reader.revision(), first);
  sync.swapLink(second);
  EXPECT_THAT(reader.ids(), ElementsAre("v2"));
  EXPECT_EQ(reader.revision(), second);
}

TEST(PathSource, NeverReadsATreeByItsNameWhereItHasReadAWorktree) {
  GitSync sync;
  const std::string id = sync.publish("v1");
  hideRepository(sync, id);
  Reader reader(sync.link());
  EXPECT_THAT(reader.ids(), ElementsAre("v1"));
  removeRepository(sync, id);
  sync.swapLink(id);
  EXPECT_EQ(reader.error().kind, Kind::kTorn);
}

TEST(PathSource, TakesNoRevisionFromAFolderOfAnotherName) {
  GitSync sync;
  const std::string id = sync.publish("v1");
  hideRepository(sync, id);
  fs::rename(sync.worktree(id), sync.beside("copy"));
  Reader reader(sync.beside("copy"));
  EXPECT_THAT(reader.ids(), ElementsAre("v1"));
  EXPECT_EQ(reader.revision(), "");
}

TEST(PathSource, IsTornWhereTheLinkOfAWorktreeAloneIsSwapped) {
  GitSync sync;
  hideRepository(sync, sync.publish("v1"));
  PathSource source({sync.link(), false, {}});
  auto snapshot = source.open();
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  ASSERT_TRUE((*snapshot)->contentOf((*snapshot)->files().at(0), 1000));
  EXPECT_TRUE((*snapshot)->verify());
  hideRepository(sync, sync.publish("v2"));
  const auto verified = (*snapshot)->verify();
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().kind, Kind::kTorn);
}

TEST(PathSource, WaitsUntilAWorktreeAloneThatIsRefilledHasComeToRest) {
  GitSync sync;
  const std::string id = sync.publish("v1");
  sync.write(id, "clients/b.json", client("more"));
  hideRepository(sync, id);
  sync.swapLink(id);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the file system's clock ticks that seldom
  Reader reader(sync.link());
  EXPECT_THAT(reader.ids(), ElementsAre("more", "v1"));
  // git-sync wipes it and fills it again, file by file; the link stays.
  fs::remove(sync.worktree(id) + "/clients/b.json");
  sync.write(id, "clients/a.json", client("v1"));
  EXPECT_EQ(reader.error().kind, Kind::kTorn);
}

TEST(PathSource, NeverReadsAWorktreeAloneWhereACommitIsAskedFor) {
  GitSync sync;
  hideRepository(sync, sync.publish("v1"));
  EXPECT_THAT(Reader(sync.link(), false, {.ref = "main"}).error().message,
              HasSubstr("mount all of git-sync's root, not its worktree alone"));
  const CommitCheck anything = [](const CommitSignature&) { return std::string(); };
  EXPECT_EQ(Reader(sync.link(), false, {.check = anything}).error().kind, Kind::kUnproven);
}

}  // namespace
}  // namespace hydra_clients::manifest

#include "manifest/sources/git/git_repository.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "git_support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Kind = SourceError::Kind;

GitRepository opened(const std::string& folder) {
  auto repository = GitRepository::open(folder, "repo");
  EXPECT_TRUE(repository) << repository.error().message;
  return std::move(repository).value();
}

SourceError openingErrorOf(const std::string& folder) {
  auto repository = GitRepository::open(folder, "repo");
  return repository ? SourceError{Kind::kUnreadable, "no error"} : repository.error();
}

std::string nameOf(const tl::expected<GitCommit, SourceError>& commit) {
  return commit ? hexOf(commit->id) : commit.error().message;
}

std::string commitOf(const std::string& folder, const std::string& ref = "HEAD") {
  return nameOf(opened(folder).commitOf(ref));
}

/// The content of a file of HEAD, or why it cannot be had.
std::string contentOf(const GitRepository& repository, const std::string& path, std::uint64_t limit = 1000) {
  const auto commit = repository.commitOf("HEAD");
  if (!commit) return commit.error().message;
  const auto tree = repository.tree(commit->tree);
  if (!tree) return tree.error().message;
  git_tree_entry* found = nullptr;
  const int missing = git_tree_entry_bypath(&found, tree->get(), path.c_str());
  const TreeEntryHandle entry(found);
  if (missing != 0) return "not there";
  const auto content = repository.blob(*git_tree_entry_id(entry.get()), limit);
  return content ? *content : content.error().message;
}

// ---- what can be read -------------------------------------------------------------------

TEST(GitRepository, ReadsTheCommitOfHeadWhateverTheWorkTreeHolds) {
  Checkout repo;
  const std::string id = repo.commit("a.json", "one");
  repo.write("a.json", "two");
  const GitRepository repository = opened(repo.folder());
  const auto commit = repository.commitOf("HEAD");
  EXPECT_EQ(nameOf(commit), id);
  EXPECT_EQ(commit->time, Checkout::kFirstCommit);
  EXPECT_EQ(contentOf(repository, "a.json"), "one");
}

TEST(GitRepository, SeesEachNewCommitWhereverItsRefStands) {
  Checkout repo;
  repo.commit("a.json", "0");
  const GitRepository repository = opened(repo.folder());
  const std::array<const char*, 4> between{"pack-refs --all", "repack -q -a -d", "gc --quiet --prune=now",
                                           "status"};
  for (int i = 1; i <= 12; ++i) {
    const std::string content = std::to_string(i);
    const std::string id = repo.commit("a.json", content);
    if (i % 2 == 0) repo(between[static_cast<std::size_t>(i / 2) % between.size()]);
    EXPECT_EQ(nameOf(repository.commitOf("HEAD")), id);
    EXPECT_EQ(contentOf(repository, "a.json"), content);
  }
}

TEST(GitRepository, MayBeBareOrDetachedOrALinkedWorktree) {
  Checkout repo;
  const std::string first = repo.commit("a.json", "one");
  const std::string second = repo.commit("a.json", "two");
  repo("clone --quiet --bare . ../bare");
  repo("worktree add --quiet --detach ../linked " + first);
  repo("checkout --quiet --detach " + first);
  EXPECT_EQ(commitOf(repo.beside("bare")), second);
  EXPECT_EQ(commitOf(repo.beside("linked")), first);
  EXPECT_EQ(commitOf(repo.folder()), first);
}

TEST(GitRepository, MayBeShallowPartialSparseOrBorrowItsObjects) {
  Checkout repo;
  repo.commit("a.json", "one");
  const std::string id = repo.commit("b/c.json", "two");
  repo("config uploadpack.allowFilter true");
  const std::string url = "file://" + repo.folder().string() + " ";
  repo("clone --quiet --depth 1 " + url + "../shallow");
  repo("clone --quiet --filter blob:none " + url + "../partial");
  repo("clone --quiet --sparse " + url + "../sparse");
  repo("clone --quiet --shared . ../shared");
  for (const char* const name : {"shallow", "partial", "sparse", "shared"}) {
    const GitRepository repository = opened(repo.beside(name));
    EXPECT_EQ(nameOf(repository.commitOf("HEAD")), id) << name;
    EXPECT_EQ(contentOf(repository, "b/c.json"), "two") << name;
  }
}

TEST(GitRepository, MayBeASubmodule) {
  Checkout repo, other;
  const std::string id = other.commit("a.json", "one");
  repo("submodule --quiet add " + other.folder().string() + " sub");
  repo.commit();
  const GitRepository repository = opened(repo / "sub");
  EXPECT_EQ(nameOf(repository.commitOf("HEAD")), id);
  EXPECT_EQ(contentOf(repository, "a.json"), "one");
}

TEST(GitRepository, MayHaveWhatMaintenanceLeavesBehind) {
  Checkout repo;
  repo.commit("a.json", "one");
  repo("repack -q -d");
  repo.commit("b.json", "two");
  repo("repack -q -d");
  repo("multi-pack-index write");
  repo("commit-graph write --reachable --split --no-progress");
  repo("config index.version 4");
  const std::string id = repo.commit("c.json", "three");
  const GitRepository repository = opened(repo.folder());
  EXPECT_EQ(nameOf(repository.commitOf("HEAD")), id);
  EXPECT_EQ(
      contentOf(repository, "a.json") + contentOf(repository, "b.json") + contentOf(repository, "c.json"),
      "onetwothree");
  EXPECT_EQ(repository.uncommitted(""), 0u);
}

TEST(GitRepository, SaysOfAPartialCloneHowToBringWhatItLacks) {
  Checkout repo;
  repo.commit("a.json", "one");
  repo("config uploadpack.allowFilter true");
  repo("clone -q --no-checkout --filter blob:none file://" + repo.folder().string() + " ../partial");
  const fs::path partial = repo.beside("partial");
  const std::string remedy = "git fetch --refetch --no-filter";
  EXPECT_THAT(contentOf(opened(partial), "a.json"), AllOf(HasSubstr("partial clone"), HasSubstr(remedy)));
  tests::git(partial, remedy.substr(4));
  EXPECT_EQ(contentOf(opened(partial), "a.json"), "one");
}

TEST(GitRepository, MayBelongToAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a repository away";
  Checkout repo;
  const std::string id = repo.commit("a.json", "one");
  for (const auto& entry : fs::recursive_directory_iterator(repo.folder()))
    ASSERT_EQ(::lchown(entry.path().c_str(), 4711, 4711), 0);
  EXPECT_EQ(commitOf(repo.folder()), id);
}

TEST(GitRepository, IsReadAnewWhereAnotherTakesItsPlace) {
  Checkout repo;
  repo.commit("a.json", "one");
  const GitRepository repository = opened(repo.folder());
  EXPECT_EQ(contentOf(repository, "a.json"), "one");
  fs::remove_all(repo.folder());
  fs::create_directory(repo.folder());
  repo("init -q");
  const std::string id = repo.commit("a.json", "another");
  EXPECT_EQ(nameOf(repository.commitOf("HEAD")), id);
  EXPECT_EQ(contentOf(repository, "a.json"), "another");
}

TEST(GitRepository, ReadsNoReplacedObjects) {
  Checkout repo;
  const std::string first = repo.commit("a.json", "one");
  const std::string second = repo.commit("a.json", "two");
  repo("replace " + second + " " + first);
  const GitRepository repository = opened(repo.folder());
  EXPECT_EQ(nameOf(repository.commitOf("HEAD")), second);
  EXPECT_EQ(contentOf(repository, "a.json"), "two");
}

TEST(GitRepository, RefusesABlobByItsSize) {
  Checkout repo;
  repo.commit("a.json", "four");
  const GitRepository repository = opened(repo.folder());
  EXPECT_EQ(contentOf(repository, "a.json", 4), "four");
  EXPECT_EQ(contentOf(repository, "a.json", 3), "the file has 4 bytes, and at most 3 are allowed");
}

// ---- refs -------------------------------------------------------------------------------

TEST(GitRepository, FindsABranchATagOrAnAbbreviatedId) {
  Checkout repo;
  const std::string first = repo.commit("a.json", "one");
  repo("tag light");
  repo("tag --annotate --message x heavy");
  repo("branch feature/x");
  const std::string second = repo.commit("a.json", "two");
  for (const char* const ref : {"light", "heavy", "feature/x", "refs/heads/feature/x", "main~1", "HEAD^"})
    EXPECT_EQ(commitOf(repo.folder(), ref), first) << ref;
  EXPECT_EQ(commitOf(repo.folder(), first), first);
  EXPECT_EQ(commitOf(repo.folder(), first.substr(0, 10)), first);
  EXPECT_EQ(commitOf(repo.folder(), "main"), second);
}

TEST(GitRepository, FindsABranchThatOnlyTheRemoteHas) {
  Checkout repo;
  repo.commit("a.json", "one");
  repo("checkout --quiet -b feature");
  const std::string id = repo.commit("a.json", "two");
  repo("checkout --quiet main");
  repo("clone --quiet . ../clone");
  EXPECT_EQ(commitOf(repo.beside("clone"), "feature"), id);
  EXPECT_EQ(commitOf(repo.beside("clone"), "origin/feature"), id);
}

TEST(GitRepository, SaysThatThereIsNoSuchRef) {
  Checkout repo;
  repo.commit("a.json", "one");
  const GitRepository repository = opened(repo.folder());
  for (const char* const ref : {"nosuch", "0123456789", "refs/heads/nosuch", "a b", "..", ""}) {
    const auto commit = repository.commitOf(ref);
    ASSERT_FALSE(commit) << ref;
    EXPECT_EQ(commit.error().kind, Kind::kAbsent) << ref << ": " << commit.error().message;
  }
  EXPECT_THAT(nameOf(repository.commitOf("nosuch")),
              HasSubstr("repo: there is no ref nosuch; git branch -a"));
}

TEST(GitRepository, SaysThatARefNamesNoCommit) {
  Checkout repo;
  repo.commit("a.json", "one");
  for (const char* const ref : {"HEAD:a.json", "HEAD^{tree}"}) {
    const auto commit = opened(repo.folder()).commitOf(ref);
    ASSERT_FALSE(commit);
    EXPECT_EQ(commit.error().message, std::string("repo: ") + ref + " is no commit");
  }
}

TEST(GitRepository, SaysThatThereIsNoCommitYet) {
  const Checkout repo;
  const auto commit = opened(repo.folder()).commitOf("HEAD");
  ASSERT_FALSE(commit);
  EXPECT_EQ(commit.error().kind, Kind::kAbsent);
  EXPECT_EQ(commit.error().message, "repo: there is no commit yet");
}

TEST(GitRepository, KnowsAnAncestorWhereTheHistoryIsThere) {
  Checkout repo;
  repo.commit("a.json", "one");
  repo.commit("a.json", "two");
  const std::string third = repo.commit("a.json", "three");
  repo("clone --quiet --depth 1 file://" + repo.folder().string() + " ../shallow");
  const auto isAncestor = [&](const std::string& folder, const std::string& one, const std::string& of) {
    const GitRepository repository = opened(folder);
    git_oid ancestor{}, descendant{};
    git_oid_fromstr(&ancestor, repo.idOf(one).c_str());
    git_oid_fromstr(&descendant, repo.idOf(of).c_str());
    return repository.isAncestor(ancestor, descendant);
  };
  EXPECT_EQ(isAncestor(repo.folder(), "HEAD~2", "HEAD"), true);
  EXPECT_EQ(isAncestor(repo.folder(), "HEAD", "HEAD~2"), false);
  EXPECT_EQ(isAncestor(repo.beside("shallow"), "HEAD~2", "HEAD"), std::nullopt);
}

// ---- what cannot be read ----------------------------------------------------------------

TEST(GitRepository, SaysWhatToDoAboutASha256Repository) {
  Checkout repo("--object-format=sha256");
  repo.commit("a.json", "one");
  const SourceError error = openingErrorOf(repo.folder());
  EXPECT_EQ(error.kind, Kind::kUnreadable);
  EXPECT_THAT(error.message,
              HasSubstr("is a SHA-256 repository, which cannot be read yet: use one with SHA-1"));
}

TEST(GitRepository, SaysWhatToDoAboutAReftable) {
  Checkout repo;
  repo("config core.repositoryFormatVersion 1");
  repo("config extensions.refStorage reftable");
  EXPECT_THAT(openingErrorOf(repo.folder()).message, HasSubstr("git refs migrate --ref-format=files"));
}

TEST(GitRepository, IsTornWhereItIsGone) {
  const TemporaryFolder folder;
  EXPECT_EQ(openingErrorOf(folder / "gone").kind, Kind::kTorn);
}

/// What a repository says to another user who may not read `shut`.
void expectRemedy(const std::string& root, const std::string& shut) {
  const fs::perms before = fs::status(shut).permissions();
  fs::permissions(shut, fs::perms::none);
  {
    const NotRoot nobody;
    const auto repository = GitRepository::open(root, "repo");
    const auto tree = repository ? repository->commitOf("HEAD").and_then([&](const GitCommit& commit) {
      return repository->tree(commit.tree).map([](const TreeHandle&) { return true; });
    })
                                 : tl::unexpected(repository.error());
    ASSERT_FALSE(tree) << shut;
    EXPECT_EQ(tree.error().kind, Kind::kUnreadable) << shut;
    EXPECT_THAT(tree.error().message, AllOf(HasSubstr(shut), HasSubstr("chmod -R a+rX"))) << shut;
  }
  fs::permissions(shut, before);
}

TEST(GitRepository, SaysWhatToDoWhereItMayNotBeRead) {
  Checkout repo;
  repo.commit("a.json", "one");
  repo("worktree add --quiet --detach ../linked");
  repo("gc --quiet");
  fs::path pack;
  for (const auto& entry : fs::directory_iterator(repo / ".git/objects/pack"))
    if (entry.path().extension() == ".pack") pack = entry.path();
  for (const std::string& shut : {repo / ".git", repo / ".git/HEAD", repo / ".git/objects",
                                  repo / ".git/objects/pack", pack.string()}) {
    expectRemedy(repo.folder(), shut);
  }
  for (const std::string& shut : {repo / ".git/objects", pack.string(), repo / ".git/worktrees/linked/HEAD"})
    expectRemedy(repo.beside("linked"), shut);
}

TEST(GitRepository, IsTornWhereAnObjectIsMissing) {
  Checkout repo;
  repo.commit("a.json", "one");
  const std::string blob = repo.idOf("HEAD:a.json");
  fs::remove(repo / ".git/objects" + '/' + blob.substr(0, 2) + '/' + blob.substr(2));
  const GitRepository repository = opened(repo.folder());
  git_oid id{};
  git_oid_fromstr(&id, blob.c_str());
  const auto content = repository.blob(id, 1000);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().kind, Kind::kTorn) << "it may be there in a moment, in a pack";
  EXPECT_THAT(content.error().message, HasSubstr("git fsck"));
}

// ---- what is not committed --------------------------------------------------------------

TEST(GitRepository, CountsTheManifestsThatAreNotCommitted) {
  Checkout repo;
  repo.write("clients/a.json", "1");
  repo.write("clients/b.json", "1");
  repo.write("clients/deep/c.json", "1");
  repo.write("other/d.json", "1");
  repo.write(".gitignore", "ignored.json\n");
  repo.commit();
  const GitRepository repository = opened(repo.folder());
  EXPECT_EQ(repository.uncommitted(""), 0u);
  repo.write("clients/a.json", "22");        // changed
  repo.write("clients/new.json", "1");       // not known to git
  repo.write("other/d.json", "333");         // elsewhere
  fs::remove(repo / "clients/deep/c.json");  // gone
  repo.write("clients/README.md", "1");
  repo.write("clients/ignored.json", "1");
  repo.write("clients/.hidden.json", "1");
  repo.write("clients/.hidden/e.json", "1");
  EXPECT_EQ(repository.uncommitted("clients"), 3u);
  EXPECT_EQ(repository.uncommitted(""), 4u);
  repo("add clients");
  EXPECT_EQ(repository.uncommitted("clients"), 3u) << "staged is not committed";
  repo.commit();
  EXPECT_EQ(repository.uncommitted(""), 0u);
}

TEST(GitRepository, TakesAFolderOfItsNameAndNotOfItsPattern) {
  Checkout repo;
  repo.commit("README.md", "x");
  repo.write("clients [new]/a.json", "1");
  repo.write("clients n/a.json", "1");
  repo.write("clients */a.json", "1");
  const GitRepository repository = opened(repo.folder());
  EXPECT_EQ(repository.uncommitted("clients [new]"), 1u);
  EXPECT_EQ(repository.uncommitted("clients *"), 1u);
}

TEST(GitRepository, CountsNothingWhereThereIsNoWorkTreeOrItHoldsLessOnPurpose) {
  Checkout repo;
  repo.write("a/a.json", "1");
  repo.write("b/b.json", "1");
  repo.commit();
  repo("clone -q --bare . ../bare");
  EXPECT_EQ(opened(repo.beside("bare")).uncommitted(""), std::nullopt);
  repo("sparse-checkout set a");
  ASSERT_FALSE(fs::exists(repo / "b/b.json"));
  EXPECT_EQ(opened(repo.folder()).uncommitted(""), 0u);
  fs::remove(repo / "a/a.json");
  EXPECT_EQ(opened(repo.folder()).uncommitted(""), 1u);
}

}  // namespace
}  // namespace hydra_clients::manifest

#include "manifest/sources/git/git_tree.h"

#include <map>

#include <gmock/gmock.h>

#include "git_support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Kind = SourceError::Kind;

/// The tree of HEAD, or of a folder in it.
tl::expected<ListedTree, SourceError> walk(const Checkout& repo, const std::string& folder = "",
                                           const FileListing* earlier = nullptr) {
  const auto repository = GitRepository::open(repo.folder(), "repo");
  if (!repository) return tl::unexpected(repository.error());
  const auto commit = repository->commitOf("HEAD");
  if (!commit) return tl::unexpected(commit.error());
  auto walked = walkTree(*repository, commit->tree, folder, folder.empty() ? "" : folder + '/', earlier);
  if (!walked) return tl::unexpected(walked.error());
  if (!*walked) return tl::unexpected(SourceError{Kind::kAbsent, "no such folder"});
  return std::move(**walked);
}

ListedTree found(const Checkout& repo, const std::string& folder = "", const FileListing* earlier = nullptr) {
  auto walked = walk(repo, folder, earlier);
  EXPECT_TRUE(walked) << walked.error().message;
  return std::move(walked).value();
}

std::vector<std::string> pathsOf(const ListedTree& tree) {
  std::vector<std::string> paths;
  for (const SourceFile& file : tree.listing.files()) paths.push_back(file.path);
  return paths;
}

/// By path: the rule of its fault, "" where there is none.
std::map<std::string, std::string> rulesOf(const ListedTree& tree) {
  std::map<std::string, std::string> rules;
  for (std::size_t i = 0; i < tree.listing.files().size(); ++i) {
    const SourceError* const fault = tree.listing.fault(i);
    rules[tree.listing.relativePath(i)] = fault == nullptr ? "" : fault->rule;
  }
  return rules;
}

void link(const Checkout& repo, const std::string& name, const std::string& target) {
  fs::create_directories(fs::path(repo / name).parent_path());
  fs::create_symlink(target, repo / name);
}

TEST(GitTree, ListsEveryJsonFileAndNoHiddenOneSortedByPath) {
  Checkout repo;
  for (const char* const name : {"b.json", "a/z.json", "a/b/c.json", "a-b.json", "a.json", ".github/x.json",
                                 ".x.json", "README.md", "json", "a0/.x/y.json"}) {
    repo.write(name, "{}");
  }
  repo.commit();
  EXPECT_THAT(pathsOf(found(repo)), ElementsAre("a-b.json", "a.json", "a/b/c.json", "a/z.json", "b.json"));
  EXPECT_THAT(pathsOf(found(repo, "a")), ElementsAre("a/b/c.json", "a/z.json"));
  EXPECT_THAT(pathsOf(found(repo, "a/b")), ElementsAre("a/b/c.json"));
}

TEST(GitTree, HasNoFolderWhereThereIsNone) {
  Checkout repo;
  repo.commit("a/b.json", "{}");
  for (const char* const folder : {"b", "a/b", "a/b.json", "a/b.json/c", ".."})
    EXPECT_FALSE(walk(repo, folder)) << folder;
}

TEST(GitTree, FollowsLinksOnTheWayToTheFolder) {
  Checkout repo;
  repo.write("real/deep/a.json", "{}");
  link(repo, "real/deep/same.json", "../../link/deep/a.json");
  link(repo, "link", "real");
  repo.commit();
  EXPECT_THAT(rulesOf(found(repo, "link/deep")), ElementsAre(Pair("a.json", ""), Pair("same.json", "")));
}

TEST(GitTree, TellsAFileByItsBlob) {
  Checkout repo;
  repo.write("a.json", "{}");
  repo.write("b.json", "{}");
  repo.write("c.json", "[]");
  repo.commit();
  const ListedTree tree = found(repo);
  EXPECT_EQ(tree.listing.files()[0].identity, tree.listing.files()[1].identity);
  EXPECT_NE(tree.listing.files()[0].identity, tree.listing.files()[2].identity);
  EXPECT_EQ(hexOf(blobOf(tree.listing.files()[2].identity)), repo.idOf("HEAD:c.json"));
}

TEST(GitTree, SharesThePathsThatAnEarlierListingHas) {
  Checkout repo;
  for (const char* const name : {"a.json", "b/c.json", "b/d.json", "e.json"}) repo.write(name, "{}");
  repo.commit();
  const ListedTree before = found(repo);
  repo.write("a0.json", "{}");
  repo.write("b/d.json", "[]");
  fs::remove(repo / "b/c.json");
  link(repo, "c", "b");  // a folder that Git sorts as a file
  repo.write("c-d.json", "{}");
  repo.commit();
  const ListedTree after = found(repo, "", &before.listing);
  EXPECT_THAT(pathsOf(after), ElementsAre("a.json", "a0.json", "b/d.json", "c-d.json", "c/d.json", "e.json"));
  const auto textOf = [](const ListedTree& tree, std::size_t index) {
    return &tree.listing.files()[index].path.text();
  };
  EXPECT_EQ(textOf(after, 0), textOf(before, 0));
  EXPECT_EQ(textOf(after, 2), textOf(before, 2));
  EXPECT_EQ(textOf(after, 5), textOf(before, 3));
}

TEST(GitTree, CountsWhatItDoesNotRead) {
  Checkout repo;
  Checkout other;
  other.commit("in.json", "{}");
  for (const char* const name : {"b.yml", "a/z.yaml", ".hidden.yaml", "c.json"}) repo.write(name, "{}");
  repo("submodule --quiet add " + other.folder().string() + " sub");
  repo("submodule --quiet add " + other.folder().string() + " sub.json");
  repo.commit();
  const ListedTree tree = found(repo);
  EXPECT_EQ(tree.skipped, (SkippedFiles{{2, "a/z.yaml"}, {2, "sub"}}));
  EXPECT_THAT(pathsOf(tree), ElementsAre("c.json"));
}

TEST(GitTree, IsEmptyWhereTheCommitIs) {
  Checkout repo;
  repo.commit();
  EXPECT_THAT(pathsOf(found(repo)), IsEmpty());
}

TEST(GitTree, FollowsLinksThatStayInside) {
  Checkout repo;
  repo.write("real/a.json", "{}");
  repo.write("real/text", "{}");
  link(repo, "file.json", "real/a.json");
  link(repo, "text.json", "./real/../real/text");
  link(repo, "folder", "real");
  link(repo, "deep/er/up.json", "../../folder/a.json");
  link(repo, "chain.json", "deep/er/up.json");
  repo.commit();
  const ListedTree tree = found(repo);
  EXPECT_THAT(rulesOf(tree), UnorderedElementsAre(Pair("chain.json", ""), Pair("deep/er/up.json", ""),
                                                  Pair("file.json", ""), Pair("folder/a.json", ""),
                                                  Pair("real/a.json", ""), Pair("text.json", "")));
  for (const SourceFile& file : tree.listing.files()) {
    EXPECT_EQ(hexOf(blobOf(file.identity)), repo.idOf("HEAD:real/text")) << file.path.text();
  }
}

TEST(GitTree, SaysWhichLinksItDoesNotFollow) {
  Checkout repo;
  repo.write("clients/a.json", "{}");
  repo.write("outside.json", "{}");
  link(repo, "clients/up.json", "../outside.json");
  link(repo, "clients/absolute.json", "/etc/passwd");
  link(repo, "clients/folder", "../other");
  repo.write("other/c.json", "{}");
  link(repo, "clients/out-and-in.json", "../clients/a.json");
  link(repo, "clients/repository", "../..");
  link(repo, "clients/broken.json", "nowhere.json");
  link(repo, "clients/through-a-file.json", "a.json/b.json");
  link(repo, "clients/self.json", "self.json");
  link(repo, "clients/one.json", "two.json");
  link(repo, "clients/two.json", "one.json");
  link(repo, "clients/loop", ".");
  link(repo, "clients/folder.json", "real");
  repo.write("clients/real/b.json", "{}");
  link(repo, "clients/real/loop", "..");
  link(repo, "clients/long.json", std::string(4095, 'x'));
  link(repo, "clients/broken", "nowhere");  // may have been meant as anything
  repo.commit();
  EXPECT_THAT(
      rulesOf(found(repo, "clients")),
      UnorderedElementsAre(Pair("a.json", ""), Pair("up.json", "link-leaves-root"),
                           Pair("absolute.json", "link-leaves-root"), Pair("folder", "link-leaves-root"),
                           Pair("repository", "link-leaves-root"), Pair("out-and-in.json", ""),
                           Pair("broken.json", "link-broken"), Pair("through-a-file.json", "link-broken"),
                           Pair("self.json", "link-broken"), Pair("one.json", "link-broken"),
                           Pair("two.json", "link-broken"), Pair("loop", "link-loop"),
                           Pair("folder.json", "not-a-file"), Pair("real/b.json", ""),
                           Pair("real/loop", "link-loop"), Pair("long.json", "link-broken")));
}

TEST(GitTree, TakesALinkOfMoreThanAPathForABrokenOne) {
  Checkout repo;
  repo.write("target", std::string(5000, 'x'));
  repo.commit();
  repo("update-index --add --cacheinfo 120000," + repo.idOf("HEAD:target") + ",a.json");
  repo("commit -q -m x");
  EXPECT_THAT(rulesOf(found(repo)), ElementsAre(Pair("a.json", "link-broken")));
}

TEST(GitTree, LeavesOutALinkToWhatIsNoManifest) {
  Checkout repo;
  Checkout other;
  other.commit("in.json", "{}");
  repo.write("text", "{}");
  link(repo, "clients/link", "../text");
  link(repo, "clients/link.yaml", "text");
  repo.write("clients/text", "{}");
  repo("submodule --quiet add " + other.folder().string() + " clients/sub");
  link(repo, "clients/to-sub", "sub");
  repo.commit();
  const ListedTree tree = found(repo, "clients");
  EXPECT_THAT(pathsOf(tree), IsEmpty());
  EXPECT_EQ(tree.skipped, (SkippedFiles{{1, "clients/link.yaml"}, {2, "clients/sub"}}));
}

TEST(GitTree, SaysThatAFolderIsNamedAsAFile) {
  Checkout repo;
  repo.write("a.json/b.json", "{}");
  repo.commit();
  EXPECT_THAT(rulesOf(found(repo)), ElementsAre(Pair("a.json", "not-a-file")));
}

TEST(GitTree, TakesAFileWhateverItsMode) {
  Checkout repo;
  repo.write("a.json", "{}");
  fs::permissions(repo / "a.json", fs::perms::owner_all);
  repo.commit();
  EXPECT_THAT(rulesOf(found(repo)), ElementsAre(Pair("a.json", "")));
}

TEST(GitTree, RefusesFoldersThatAreNestedTooDeep) {
  Checkout repo;
  std::string path;
  for (int i = 0; i < 64; ++i) path += "d/";
  repo.write(path + "a.json", "{}");
  repo.commit();
  const auto walked = walk(repo);
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().kind, Kind::kLimit);
  EXPECT_THAT(walked.error().message, HasSubstr("nested deeper than 64"));
  EXPECT_THAT(pathsOf(found(repo, "d")), ElementsAre(path + "a.json"));
}

TEST(GitTree, EndsWhereLinksMultiplyFolders) {
  Checkout repo;
  repo.write("0/a.json", "{}");
  for (int i = 1; i < 25; ++i) {
    const std::string folder = std::to_string(i);
    link(repo, folder + "/l", "../" + std::to_string(i - 1));
    link(repo, folder + "/r", "../" + std::to_string(i - 1));
  }
  repo.commit();
  const auto walked = walk(repo);
  ASSERT_FALSE(walked) << "2^24 ways to one file";
  EXPECT_EQ(walked.error().kind, Kind::kLimit);
}

}  // namespace
}  // namespace hydra_clients::manifest

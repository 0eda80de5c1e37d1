#include "manifest/sources/fetch/whole_commit.h"

#include <gmock/gmock.h>

#include "commits.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

class WholeCommitTest : public testing::Test {
 protected:
  [[nodiscard]] git_repository* repository() const { return repository_.get(); }
  [[nodiscard]] git_oid blob(const std::string& content) const { return blobIn(repository(), content); }
  /// A commit of a folder that holds these.
  [[nodiscard]] git_oid commit(const std::map<std::string, git_oid>& entries) const {
    const git_oid folder = treeIn(repository(), entries);
    return commitIn(repository(), treeIn(repository(), {{"clients", folder}}, GIT_FILEMODE_TREE));
  }
  [[nodiscard]] std::string verdict(const git_oid& commit, std::optional<git_oid> known = {}) const {
    const auto checked = checkWhole(repository(), commit, known);
    return checked ? "whole" : checked.error().words;
  }
  static git_oid absent() {
    git_oid id{};
    git_oid_fromstr(&id, "0123456789012345678901234567890123456789");
    return id;
  }

  TemporaryFolder folder_;
  RepositoryHandle repository_ = openBare(folder_ / "x.git");
};

TEST_F(WholeCommitTest, ThatHasAllOfItsObjectsIsWhole) {
  EXPECT_EQ(verdict(commit({{"a.json", blob("a")}, {"b.json", blob("b")}})), "whole");
}

TEST_F(WholeCommitTest, ThatLacksABlobATreeOrItselfIsNot) {
  const std::string lacks = "lacks the object " + hexOf(absent());
  EXPECT_EQ(verdict(commit({{"a.json", blob("a")}, {"b.json", absent()}})), lacks);
  EXPECT_EQ(verdict(commitIn(repository(), treeIn(repository(), {{"clients", absent()}}, GIT_FILEMODE_TREE))),
            lacks);
  EXPECT_EQ(verdict(absent()), lacks);
}

TEST_F(WholeCommitTest, OfAKnownCommitNothingIsLookedAtAgain) {
  const git_oid known = commit({{"a.json", absent()}});
  EXPECT_EQ(verdict(commit({{"a.json", absent()}, {"b.json", blob("b")}}), known), "whole");
  EXPECT_NE(verdict(commit({{"c.json", absent()}}), known), "whole") << "at another path";
}

TEST_F(WholeCommitTest, ThatCameMalformedIsToldFromOneThatDidNotCome) {
  git_odb* opened = nullptr;
  ASSERT_EQ(git_repository_odb(&opened, repository()), 0);
  const OdbHandle objects(opened);
  const std::string garbage = "no mode, no name";
  git_oid tree{};
  ASSERT_EQ(git_odb_write(&tree, opened, garbage.data(), garbage.size(), GIT_OBJECT_TREE), 0);
  const auto checked = checkWhole(
      repository(), commitIn(repository(), treeIn(repository(), {{"clients", tree}}, GIT_FILEMODE_TREE)), {});
  ASSERT_FALSE(checked);
  EXPECT_TRUE(checked.error().isMalformed);
  EXPECT_THAT(checked.error().words, testing::HasSubstr("came malformed: the object " + hexOf(tree)));
  EXPECT_FALSE(checkWhole(repository(), absent(), {}).error().isMalformed);
}

TEST_F(WholeCommitTest, OfFoldersThatStandAtManyPathsEachIsLookedAtOnce) {
  git_oid folder = treeIn(repository(), {{"a.json", blob("a")}});
  for (int level = 0; level < 12; ++level) {
    std::map<std::string, git_oid> entries;
    for (int i = 0; i < 10; ++i) entries.emplace("folder-" + std::to_string(i), folder);
    folder = treeIn(repository(), entries, GIT_FILEMODE_TREE);
  }
  EXPECT_EQ(verdict(commitIn(repository(), folder)), "whole") << "10 to the power of 12 folders";
}

TEST_F(WholeCommitTest, ASubmoduleLiesElsewhere) {
  const git_oid tree = treeIn(repository(), {{"module", absent()}}, GIT_FILEMODE_COMMIT);
  EXPECT_EQ(verdict(commitIn(repository(), tree)), "whole");
}

}  // namespace
}  // namespace hydra_clients::manifest

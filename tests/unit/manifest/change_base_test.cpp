#include "manifest/sources/git/change_base.h"

#include <gmock/gmock.h>

#include "git_commands.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using tests::commitAll;
using tests::git;

class ChangeBaseTest : public testing::Test {
 protected:
  ChangeBaseTest() {
    std::filesystem::create_directory(folder_.path() / "repository");
    git(repository(), "init -q");
    commit("clients/first.json");
  }

  [[nodiscard]] std::filesystem::path repository() const { return folder_.path() / "repository"; }
  void commit(const std::string& file) {
    folder_.write("repository/" + file, R"({"client_id": "x"})");
    commitAll(repository());
  }
  /// A branch of its own that has one commit more, while main goes on.
  void part() {
    git(repository(), "checkout -q -b feature");
    commit("clients/feature.json");
    git(repository(), "checkout -q main");
    commit("clients/later.json");
  }
  [[nodiscard]] std::string idOf(const std::string& ref, const std::string& at = "repository") const {
    const auto opened = GitRepository::open(folder_ / at, "");
    return hexOf(opened->commitOf(ref)->id);
  }
  [[nodiscard]] tl::expected<ChangeBase, SourceError> find(const std::string& against,
                                                           const std::string& ref = "HEAD",
                                                           const std::string& at = "repository") const {
    PathSourceOptions options;
    options.path = folder_ / at;
    options.git.inside = "clients";
    options.git.ref = ref;
    return findChangeBase(options, against, idOf(ref, at));
  }
  static std::vector<std::string> filesOf(const ChangeBase& base) {
    std::vector<std::string> paths;
    const auto snapshot = base.manifests->open();
    if (!snapshot) return {snapshot.error().message};
    for (const SourceFile& file : (*snapshot)->files()) paths.push_back(file.path);
    return paths;
  }

  TemporaryFolder folder_;
};

TEST_F(ChangeBaseTest, IsWhereTheTwoParted) {
  const std::string parting = idOf("HEAD");
  part();
  const auto base = find("main", "feature");
  ASSERT_TRUE(base) << base.error().message;
  EXPECT_EQ(base->comparison.changed, "feature");
  EXPECT_EQ(base->comparison.against, "main");
  EXPECT_EQ(base->comparison.base.id, parting);
  EXPECT_EQ(base->comparison.tip.id, idOf("main"));
  EXPECT_EQ(base->comparison.note, "");
  EXPECT_THAT(filesOf(*base), ElementsAre("clients/first.json"));
}

TEST_F(ChangeBaseTest, IsTheTipWhereTheChangeStandsOnIt) {
  git(repository(), "checkout -q -b feature");
  commit("clients/feature.json");
  const auto base = find("main");
  ASSERT_TRUE(base);
  EXPECT_EQ(base->comparison.base, base->comparison.tip);
  EXPECT_EQ(base->comparison.note, "");
}

TEST_F(ChangeBaseTest, IsTheTipAndSaysWhyWhereTheHistoryIsNotThere) {
  part();
  git(folder_.path(), "clone -q --depth 1 --no-single-branch 'file://" + repository().string() + "' shallow");
  const auto base = find("main", "feature", "shallow");
  ASSERT_TRUE(base) << base.error().message;
  EXPECT_EQ(base->comparison.base, base->comparison.tip);
  EXPECT_THAT(base->comparison.note, HasSubstr("shallow"));
  EXPECT_THAT(filesOf(*base), ElementsAre("clients/first.json", "clients/later.json"));
}

TEST_F(ChangeBaseTest, OfAMergeThatIsCheckedOutWithItsParentsAloneIsTheOtherParent) {
  part();
  git(repository(), "merge -q --no-edit feature");
  git(folder_.path(), "clone -q --depth 2 'file://" + repository().string() + "' merged");
  const auto base = find("HEAD^1", "HEAD", "merged");
  ASSERT_TRUE(base) << base.error().message;
  EXPECT_EQ(base->comparison.note, "");
  EXPECT_EQ(base->comparison.base.id, idOf("HEAD^1"));
}

TEST_F(ChangeBaseTest, OfTwoHistoriesWithNothingInCommonIsTheTip) {
  git(repository(), "checkout -q --orphan other");
  commit("clients/other.json");
  const auto base = find("main");
  ASSERT_TRUE(base);
  EXPECT_EQ(base->comparison.base.id, idOf("main"));
  EXPECT_EQ(base->comparison.note, "they have no commit in common");
}

TEST_F(ChangeBaseTest, WithoutTheFolderHasNoManifests) {
  git(repository(), "mv clients elsewhere");
  commitAll(repository());
  git(repository(), "checkout -q -b feature");
  commit("clients/again.json");
  const auto base = find("main");
  ASSERT_TRUE(base);
  EXPECT_THAT(filesOf(*base), IsEmpty());
}

TEST_F(ChangeBaseTest, NamesFilesAsTheWorkTreeDoes) {
  PathSourceOptions options;
  options.path = repository();
  options.git.inside = "clients";
  options.workingTree = true;
  const auto base = findChangeBase(options, "HEAD", "");
  ASSERT_TRUE(base) << base.error().message;
  EXPECT_EQ(base->comparison.changed, "the working tree");
  EXPECT_THAT(filesOf(*base), ElementsAre((repository() / "clients/first.json").string()));
}

TEST_F(ChangeBaseTest, IsNotToBeHadWithoutARepositoryOrWithoutTheRef) {
  EXPECT_THAT(find("nosuch").error().message, HasSubstr("there is no ref nosuch"));
  PathSourceOptions options;
  std::filesystem::create_directory(folder_.path() / "plain");
  options.path = folder_ / "plain";
  EXPECT_THAT(findChangeBase(options, "main", "").error().message, HasSubstr("is in no Git repository"));
  options.path = repository() / "clients/first.json";
  EXPECT_THAT(findChangeBase(options, "main", "").error().message, HasSubstr("name the folder"));
}

}  // namespace
}  // namespace hydra_clients::manifest

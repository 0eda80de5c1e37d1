#include "manifest/sources/fetch/fetched_source.h"

#include <utility>

#include <gmock/gmock.h>

#include "commits.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Kind = SourceError::Kind;

const FetchOrigin kOrigin{"https://git.example.org/x.git", ""};

class FetchedSourceTest : public testing::Test {
 protected:
  FetchedSourceTest() {
    useGit();
    git_.stateFolder = state();
  }

  /// Puts a commit with one file in force, as a fetch does.
  std::string fetch(const std::string& file) const {
    auto storage = FetchStorage::open(state(), kOrigin, [] {});
    const std::string path = storage->current() ? *storage->current() : *storage->makeSuccessor();
    const RepositoryHandle repository = openBare(path);
    const git_oid tree = treeIn(repository.get(), {{file, blobIn(repository.get(), "{}")}});
    const git_oid commit = commitIn(repository.get(), tree, kFetchedRef);
    if (!storage->current()) {
      EXPECT_TRUE(storage->putInForce(path));
    }
    return hexOf(commit);
  }
  [[nodiscard]] std::string state() const { return folder_ / "state"; }
  [[nodiscard]] FetchedSource source(bool mustBeNew = false) {
    return {FetchedSourceOptions{kOrigin, git_, mustBeNew}, [this] { return status_; }};
  }
  void failing() {
    status_ = {"the remote is away",
               std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000))};
  }

  TemporaryFolder folder_;
  FetchStatus status_;
  GitSourceOptions git_;
};

TEST_F(FetchedSourceTest, GivesTheCommitThatWasFetchedLast) {
  FetchedSource source = this->source();
  const std::string first = fetch("a.json");
  EXPECT_EQ((*source.open())->revision().id, first);
  const std::string second = fetch("b.json");
  const auto snapshot = source.open();
  EXPECT_EQ((*snapshot)->revision().id, second);
  EXPECT_EQ((*snapshot)->files().at(0).path.text(), "b.json");
  EXPECT_EQ((*snapshot)->newestRefused(), std::nullopt);
}

TEST_F(FetchedSourceTest, WhileFetchesFailTheLastCommitSaysSo) {
  const std::string commit = fetch("a.json");
  FetchedSource source = this->source();
  failing();
  const auto snapshot = source.open();
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  EXPECT_EQ((*snapshot)->revision().id, commit);
  const auto refused = (*snapshot)->newestRefused();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind, Kind::kUnfetched);
  EXPECT_THAT(refused->message,
              AllOf(HasSubstr("the remote is away"), HasSubstr("since 2023-11-14T22:13:20Z"),
                    HasSubstr("commit " + commit.substr(0, 12) + " stays in force")));
  EXPECT_EQ(refused->seen.id, commit);
  EXPECT_EQ((*snapshot)->contentOf((*snapshot)->files().at(0), 100), "{}");
}

TEST_F(FetchedSourceTest, WhereOnlyTheNewestWillDoAFailureIsOne) {
  fetch("a.json");
  FetchedSource source = this->source(/*mustBeNew=*/true);
  ASSERT_TRUE(source.open());
  failing();
  EXPECT_EQ(source.open().error().message, "the remote is away");
}

TEST_F(FetchedSourceTest, WithoutAnythingFetchedTheFailureIsTold) {
  FetchedSource source = this->source();
  failing();
  EXPECT_EQ(source.open().error().kind, Kind::kUnfetched);
  status_ = {};
  EXPECT_EQ(source.open().error().kind, Kind::kTorn) << "somebody took it away";
}

TEST_F(FetchedSourceTest, ARepositoryThatReplacesTheOneBeforeIsRead) {
  fetch("a.json");
  FetchedSource source = this->source();
  const auto before = source.open();
  ASSERT_TRUE(before);
  auto storage = FetchStorage::open(state(), kOrigin, [] {});
  const std::string successor = *storage->makeSuccessor();
  const RepositoryHandle repository = openBare(successor);
  const git_oid tree = treeIn(repository.get(), {{"new.json", blobIn(repository.get(), "{}")}});
  const std::string commit = hexOf(commitIn(repository.get(), tree, kFetchedRef));
  ASSERT_TRUE(storage->putInForce(successor));
  EXPECT_EQ((*before)->contentOf((*before)->files().at(0), 100).error().kind, Kind::kTorn)
      << "it is read again, from the new one";
  EXPECT_EQ((*source.open())->revision().id, commit);
}

TEST_F(FetchedSourceTest, AnUnprovenCommitAndAFailureAreBothTold) {
  const std::string commit = fetch("a.json");
  bool refusesNext = false;
  git_.check = [&](const CommitSignature&) -> tl::expected<std::string, CommitFault> {
    if (!std::exchange(refusesNext, false)) return {};
    return tl::unexpected(CommitFault{"it is not signed"});
  };
  FetchedSource source = this->source();
  const auto good = source.open();
  ASSERT_TRUE(good && (*good)->verify());
  const std::string refusedCommit = fetch("b.json");
  refusesNext = true;
  failing();
  const auto snapshot = source.open();
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  EXPECT_EQ((*snapshot)->revision().id, commit);
  const auto refused = (*snapshot)->newestRefused();
  EXPECT_EQ(refused->kind, Kind::kUnproven);
  EXPECT_EQ(refused->seen.id, refusedCommit);
  EXPECT_THAT(refused->message, AllOf(HasSubstr("it is not signed"), HasSubstr("the remote is away")));
}

}  // namespace
}  // namespace hydra_clients::manifest

// What a plain folder promises from cycle to cycle: two passes that agree, of which the one that was verified
// last is one where nothing changed (design §5).

#include <chrono>
#include <iterator>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "manifest/sources/folder_source.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using Kind = SourceError::Kind;

constexpr std::chrono::milliseconds kUntilSettled{2100};

/// A folder whose files came to rest and were verified once. All tests' folders come to rest together.
class TwoPasses : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const int tests = ::testing::UnitTest::GetInstance()->current_test_suite()->total_test_count();
    while (std::ssize(rested_) < tests) {
      rested_.push_back(std::make_unique<TemporaryFolder>());
      rested_.back()->write("a.json", client("a"));
      rested_.back()->write("b.json", client("b"));
    }
    std::this_thread::sleep_for(kUntilSettled);
  }
  static void TearDownTestSuite() { rested_.clear(); }

  TwoPasses() : own_(std::move(rested_.back())), folder_(*own_), source_(folder_.path().string()) {
    rested_.pop_back();
    EXPECT_TRUE(open()->verify());
  }

  std::unique_ptr<Snapshot> open() { return source_.open().value(); }

  /// What verify() says where a file appeared after the opening: it is seen by a walk alone.
  bool walks(Snapshot& snapshot) const {
    folder_.write("c.json", client("c"));
    const auto verified = snapshot.verify();
    fs::remove(folder_ / "c.json");
    return !verified && verified.error().kind == Kind::kTorn;
  }

  inline static std::vector<std::unique_ptr<TemporaryFolder>> rested_;
  const std::unique_ptr<TemporaryFolder> own_;
  const TemporaryFolder& folder_;
  FolderSource source_;
};

TEST_F(TwoPasses, AgreeWithoutAThirdWhereNothingChangedAndNothingWasRead) {
  const auto snapshot = open();
  EXPECT_FALSE(walks(*snapshot)) << "the next cycle sees it";
  EXPECT_EQ(open()->files().size(), 2U);
}

TEST_F(TwoPasses, ShareTheirListOfFiles) {
  const auto first = open();
  EXPECT_EQ(&open()->files(), &first->files());
}

TEST_F(TwoPasses, SeeWhatChangedBetweenTwoCycles) {
  const auto before = open()->files();
  folder_.write("b.json", client("other"));
  const auto snapshot = open();
  EXPECT_EQ(snapshot->files()[0].identity, before[0].identity);
  EXPECT_NE(snapshot->files()[1].identity, before[1].identity);
  EXPECT_TRUE(walks(*snapshot)) << "what is new has been seen by one pass alone";
}

TEST_F(TwoPasses, SeeAFileThatCameAndOneThatWent) {
  folder_.write("0.json", client("0"));
  fs::remove(folder_ / "a.json");
  const auto snapshot = open();
  EXPECT_EQ(snapshot->files()[0].path, folder_ / "0.json");
  EXPECT_EQ(snapshot->files()[1].path, folder_ / "b.json");
  EXPECT_TRUE(walks(*snapshot));
}

TEST_F(TwoPasses, SeeWhatChangesWhileThisCycleReads) {
  const auto snapshot = open();
  EXPECT_TRUE(snapshot->contentOf(snapshot->files()[0], 1000));
  folder_.write("a.json", client("other"));
  EXPECT_EQ(snapshot->verify().error().kind, Kind::kTorn);
}

TEST_F(TwoPasses, SeeALinkThatWasSwappedThoughNothingWasRead) {
  fs::create_directory_symlink(folder_.path(), folder_ / "link");
  const std::string link = folder_ / "link";
  FolderSource source(link);
  EXPECT_TRUE(source.open().value()->verify());
  const auto snapshot = source.open().value();
  fs::remove(link);
  fs::create_directory(link);
  EXPECT_EQ(snapshot->verify().error().kind, Kind::kTorn);
}

TEST_F(TwoPasses, NeverTrustAFileThatIsNotSettled) {
  folder_.write("b.json", client("other"));
  EXPECT_TRUE(open()->verify());
  const auto snapshot = open();
  EXPECT_FALSE(snapshot->files()[1].settled);
  EXPECT_TRUE(walks(*snapshot));
}

TEST_F(TwoPasses, DoNotAgreeWithOneThatWasTorn) {
  folder_.write("b.json", client("other"));
  std::this_thread::sleep_for(kUntilSettled);
  EXPECT_TRUE(walks(*open()));
  EXPECT_TRUE(walks(*open())) << "no pass was verified that saw this";
}

}  // namespace
}  // namespace hydra_clients::manifest

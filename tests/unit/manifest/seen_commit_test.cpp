// Which commit was the newest, where it cannot be read or is refused: for how long it waits must be known.

#include <deque>

#include <gmock/gmock.h>

#include "git_commands.h"
#include "manifest/set_reader.h"
#include "manifest/sources/path_source.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

using Kind = SourceError::Kind;

class SeenCommit : public testing::Test {
 protected:
  SeenCommit() {
    tests::git(folder_.path(), "init -q");
    folder_.write("a.json", R"({"client_id":"a"})");
    tests::commitAll(folder_.path());
  }

  /// Where Git keeps a file of the newest commit.
  std::filesystem::path objectOf(const char* name) {
    const auto repository = GitRepository::open(folder_.path(), "").value();
    const auto tree = repository.tree(repository.commitOf("HEAD").value().tree).value();
    const std::string id = hexOf(*git_tree_entry_id(git_tree_entry_byname(tree.get(), name)));
    return folder_.path() / ".git/objects" / id.substr(0, 2) / id.substr(2);
  }

  tl::expected<Reading, SourceError> read() { return reader_.read(source_); }

  TemporaryFolder folder_;
  std::deque<bool> verdicts_;  ///< of the next checks; after them all commits pass
  PathSource source_{[this] {
    PathSourceOptions options;
    options.path = folder_.path();
    options.git.check = [this](const CommitSignature&) -> tl::expected<std::string, CommitFault> {
      if (verdicts_.empty()) return "";
      const bool passes = verdicts_.front();
      verdicts_.pop_front();
      if (passes) return "";
      return tl::unexpected(CommitFault{"nobody signed it"});
    };
    return options;
  }()};
  SetReader reader_{ReadingOptions{}};
};

TEST_F(SeenCommit, ThatIsRefusedIsNamedBesideTheOneInForce) {
  const auto first = read();
  ASSERT_TRUE(first);
  tests::commitAll(folder_.path());
  verdicts_ = {false, true};
  const auto reading = read();
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->revision, first->revision);
  ASSERT_TRUE(reading->refused);
  EXPECT_NE(reading->refused->seen.id, first->revision.id);
  EXPECT_GT(reading->refused->seen.time, 0);
}

TEST_F(SeenCommit, ThatIsRefusedIsNamedWhereNoneIsInForce) {
  verdicts_ = {false};
  const auto refused = read();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::kUnproven);
  EXPECT_EQ(refused.error().seen, read()->revision);
}

TEST_F(SeenCommit, OfWhichABlobIsGoneIsNamed) {
  const auto first = read();
  ASSERT_TRUE(first);
  folder_.write("a.json", R"({"client_id":"b"})");
  tests::commitAll(folder_.path());
  std::filesystem::remove(objectOf("a.json"));
  const auto torn = read();
  ASSERT_FALSE(torn);
  EXPECT_EQ(torn.error().seen.id.size(), 40U);
  EXPECT_NE(torn.error().seen.id, first->revision.id);
  EXPECT_GT(torn.error().seen.time, 0);
}

}  // namespace
}  // namespace hydra_clients::manifest

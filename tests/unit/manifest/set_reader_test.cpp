#include "manifest/set_reader.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>

#include <gmock/gmock.h>

#include "client/side_by_side.h"
#include "manifest/sources/folder_source.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = SourceError::Kind;

/// A source in memory that counts what is read, and can fail on purpose.
class FakeSource final : public ManifestSource {
 public:
  struct File {
    std::string content;
    FileIdentity identity;
    bool settled = true;
  };
  std::map<std::string, File> files;
  std::string revision = "r1";
  std::map<std::string, SourceError> failing;  ///< by path
  int tornReads = 0;                           ///< verify() fails that often
  int opens = 0;
  std::atomic<int> contents = 0;  ///< counted on whatever thread reads
  std::function<void()> onContent = [] {};

  void put(const std::string& path, std::string content) {
    files[path] = {std::move(content), {{++identities_}}, true};
  }

  tl::expected<std::unique_ptr<Snapshot>, SourceError> open() override {
    ++opens;
    return std::make_unique<FakeSnapshot>(*this);
  }
  [[nodiscard]] std::string description() const override { return "fake"; }

 private:
  class FakeSnapshot final : public Snapshot {
   public:
    explicit FakeSnapshot(FakeSource& source) : source_(source), revision_{source.revision, 0} {
      for (const auto& [path, file] : source.files) files_.push_back({path, file.identity, file.settled});
    }
    [[nodiscard]] const Revision& revision() const override { return revision_; }
    [[nodiscard]] const std::vector<SourceFile>& files() const override { return files_; }
    tl::expected<std::string, SourceError> contentOf(const SourceFile& file, std::uint64_t limit) override {
      ++source_.contents;
      source_.onContent();
      const auto fails = source_.failing.find(file.path);
      if (fails != source_.failing.end()) return tl::unexpected(fails->second);
      const auto found = source_.files.find(file.path);
      if (found == source_.files.end() || found->second.identity != file.identity) {
        return tl::unexpected(SourceError{Kind::kTorn, "torn"});
      }
      if (found->second.content.size() > limit)
        return tl::unexpected(SourceError{Kind::kLimit, "too large", "file-size"});
      return found->second.content;
    }
    tl::expected<void, SourceError> verify() override {
      if (source_.tornReads > 0) {
        --source_.tornReads;
        return tl::unexpected(SourceError{Kind::kTorn, "torn"});
      }
      return {};
    }

   private:
    FakeSource& source_;
    Revision revision_;
    std::vector<SourceFile> files_;
  };
  std::uint64_t identities_ = 0;
};

std::vector<std::string> idsOf(const ManifestSet& set) {
  std::vector<std::string> ids;
  for (const ManifestPtr& manifest : set.manifests) ids.push_back(manifest->id);
  return ids;
}

TEST(SetReader, ReadsEveryFileIntoOneSetSortedById) {
  FakeSource source;
  source.put("a.json", client("z"));
  source.put("b.json", "[" + client("m") + "," + client("a") + "]");
  SetReader reader({});
  const Reading reading = reader.read(source).value();
  EXPECT_THAT(idsOf(*reading.set), ElementsAre("a", "m", "z"));
  EXPECT_EQ(reading.revision.id, "r1");
  EXPECT_EQ(reading.set->files, 2u);
}

TEST(SetReader, GivesTheSameSetAndReadsNothingWhereNothingChanged) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.put("b.json", "");
  SetReader reader({});
  const ManifestSetPtr first = reader.read(source).value().set;
  const int contents = source.contents;
  EXPECT_EQ(reader.read(source).value().set, first);
  EXPECT_EQ(source.contents, contents);
}

TEST(SetReader, ReadsAFileThatIsNotSettledEachTimeAndOnceMoreWhenItIs) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.files["a.json"].settled = false;
  SetReader reader({});
  EXPECT_THAT(idsOf(*reader.read(source).value().set), ElementsAre("a"));
  source.files["a.json"].content = client("b");  // its identity does not show it
  EXPECT_THAT(idsOf(*reader.read(source).value().set), ElementsAre("b"));
  source.files["a.json"].content = client("c");
  source.files["a.json"].settled = true;
  const ManifestSetPtr settled = reader.read(source).value().set;
  EXPECT_THAT(idsOf(*settled), ElementsAre("c"));
  EXPECT_EQ(reader.read(source).value().set, settled);
  EXPECT_EQ(source.contents, 3);
}

TEST(SetReader, KeepsWhatItReadBeforeAFileChangedUnderIt) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.put("b.json", client("b"));
  source.put("c.json", client("c"));
  SetReader reader({});
  (void)reader.read(source);
  source.put("b.json", client("d"));
  source.failing["b.json"] = {Kind::kTorn, "torn"};
  EXPECT_FALSE(reader.read(source));
  source.failing.clear();
  const int contents = source.contents;
  EXPECT_THAT(idsOf(*reader.read(source).value().set), ElementsAre("a", "c", "d"));
  EXPECT_EQ(source.contents, contents + 1) << "a.json and c.json are known";
}

TEST(SetReader, ReadsOnlyTheFileThatChangedAndSharesTheOthers) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.put("b.json", client("b"));
  SetReader reader({});
  const ManifestSetPtr first = reader.read(source).value().set;
  source.put("b.json", client("c"));
  const ManifestSetPtr second = reader.read(source).value().set;
  EXPECT_EQ(source.contents, 3);
  EXPECT_THAT(idsOf(*second), ElementsAre("a", "c"));
  EXPECT_EQ(second->manifests[0], first->manifests[0]);
}

TEST(SetReader, GivesTheSameSetForFilesThatWereOnlyTouched) {
  FakeSource source;
  source.put("a.json", client("a"));
  SetReader reader({});
  const ManifestSetPtr first = reader.read(source).value().set;
  source.put("a.json", client("a"));
  EXPECT_EQ(reader.read(source).value().set, first);
}

TEST(SetReader, TellsANewRevisionOfTheSameFiles) {
  FakeSource source;
  source.put("a.json", client("a"));
  SetReader reader({});
  const ManifestSetPtr first = reader.read(source).value().set;
  source.revision = "r2";
  const Reading second = reader.read(source).value();
  EXPECT_EQ(second.revision.id, "r2");
  EXPECT_EQ(second.set, first) << "nothing else has changed";
  EXPECT_EQ(source.contents, 1);
}

TEST(SetReader, ForgetsFilesThatWentAway) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.put("b.json", client("b"));
  SetReader reader({});
  (void)reader.read(source);
  source.files.erase("b.json");
  EXPECT_THAT(idsOf(*reader.read(source).value().set), ElementsAre("a"));
}

TEST(SetReader, KeepsOneBadFileFromStoppingTheOthers) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.put("b.json", "{\"client_id\": ");
  source.put("c.json", "x");
  source.failing["c.json"] = {Kind::kUnreadable, "cannot be read: Permission denied", "file-unreadable"};
  SetReader reader({});
  const ManifestSetPtr set = reader.read(source).value().set;
  EXPECT_THAT(idsOf(*set), ElementsAre("a"));
  EXPECT_THAT(rulesOf(*set), ElementsAre("json-syntax", "file-unreadable"));
}

TEST(SetReader, LooksAgainAtAFileThatCouldNotBeRead) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.failing["a.json"] = {Kind::kUnreadable, "cannot be read", "file-unreadable"};
  SetReader reader({});
  const ManifestSetPtr first = reader.read(source).value().set;
  EXPECT_EQ(reader.read(source).value().set, first);
  source.failing.clear();
  EXPECT_THAT(idsOf(*reader.read(source).value().set), ElementsAre("a"));
}

TEST(SetReader, FailsWhereTheWholeSnapshotIsUnreadable) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.failing["a.json"] = {Kind::kUnreadable, "the disk is gone", ""};
  SetReader reader({});
  EXPECT_EQ(reader.read(source).error().message, "the disk is gone");
}

TEST(SetReader, ReadsATornSnapshotAgain) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.tornReads = 2;
  SetReader reader({});
  EXPECT_THAT(idsOf(*reader.read(source).value().set), ElementsAre("a"));
  EXPECT_EQ(source.opens, 3);
}

TEST(SetReader, DoesNotReadAgainWhatATornSnapshotHadThatDidNotChange) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.tornReads = 2;
  SetReader reader({});
  (void)reader.read(source);
  EXPECT_EQ(source.contents, 1);
}

TEST(SetReader, GivesUpOnASourceThatNeverComesToRest) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.tornReads = 1000;
  SetReader reader({});
  EXPECT_EQ(reader.read(source).error().kind, Kind::kTorn);
  EXPECT_EQ(source.opens, SetReader::kTornRetries);
}

TEST(SetReader, NeverMixesTwoStatesOfASource) {
  FakeSource source;
  source.put("a.json", client("old-a"));
  source.put("b.json", client("old-b"));
  bool swapped = false;
  source.onContent = [&] {  // between the first file and the second
    if (std::exchange(swapped, true)) return;
    source.put("b.json", client("new-b"));
  };
  SetReader reader({});
  EXPECT_THAT(idsOf(*reader.read(source).value().set), ElementsAre("new-b", "old-a"));
  EXPECT_EQ(source.opens, 2);
}

/// Puts so many files, "c0" and on, into the source: enough and they are read side by side.
void putMany(FakeSource& source, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    source.put("file-" + std::to_string(i), client("c" + std::to_string(i)));
}

TEST(SetReader, StopsBetweenFilesWhereItIsToldTo) {
  FakeSource source;
  putMany(source, kNumbersPerThread - 1);
  SetReader reader{ReadingOptions{}};
  const auto set = reader.read(source, [](std::size_t read, std::size_t files) {
    EXPECT_EQ(files, kNumbersPerThread - 1);
    return read < 9;
  });
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().kind, Kind::kStopped);
  EXPECT_EQ(source.contents, 9);
}

TEST(SetReader, ReadsManyFilesSideBySideAsItReadsFew) {
  constexpr std::size_t kFiles = 10 * kNumbersPerThread;
  FakeSource source;
  putMany(source, kFiles);
  source.put("file-7", "{");
  source.put("file-99", "{");
  SetReader reader({});
  const ManifestSetPtr set = reader.read(source).value().set;
  EXPECT_THAT(set->manifests, SizeIs(kFiles - 2));
  EXPECT_TRUE(std::ranges::is_sorted(idsOf(*set)));
  ASSERT_THAT(set->allFaults(), SizeIs(2));
  EXPECT_EQ(set->allFaults()[0].where.path, "file-7");
  EXPECT_EQ(set->allFaults()[1].where.path, "file-99");
  EXPECT_EQ(reader.read(source).value().set, set) << "each reading is kept";
  EXPECT_EQ(source.contents, kFiles);
}

TEST(SetReader, CountsManifestsOverAllFilesThatAreReadSideBySide) {
  FakeSource source;
  putMany(source, 10 * kNumbersPerThread);
  ReadingOptions options;
  options.manifests = 5 * kNumbersPerThread;
  EXPECT_EQ(SetReader(options).read(source).error().kind, Kind::kLimit);
  EXPECT_LE(source.contents, options.manifests + kMostCores) << "the rest is not read";
}

TEST(SetReader, RefusesMoreManifestsThanAllowed) {
  FakeSource source;
  source.put("a.json", "[" + client("a") + "," + client("b") + "]");
  source.put("b.json", client("c"));
  ReadingOptions options;
  options.manifests = 3;
  EXPECT_TRUE(SetReader(options).read(source));
  options.manifests = 2;
  const auto refused = SetReader(options).read(source);
  EXPECT_EQ(refused.error().kind, Kind::kLimit);
  EXPECT_THAT(refused.error().message, HasSubstr("more than 2 clients"));
}

TEST(SetReader, RefusesALargeFileAndReadsTheOthers) {
  FakeSource source;
  source.put("a.json", client("a"));
  source.put("b.json", std::string(1000, ' ') + client("b"));
  ReadingOptions options;
  options.fileBytes = 100;
  SetReader reader(options);
  const ManifestSetPtr set = reader.read(source).value().set;
  EXPECT_THAT(idsOf(*set), ElementsAre("a"));
  EXPECT_THAT(rulesOf(*set), ElementsAre("file-size"));
}

/// What a folder's set says of the YAML in it.
class YamlInAFolder : public ::testing::Test {
 protected:
  YamlInAFolder() { folder_.write("a.json", client("a")); }
  ManifestSetPtr read(SetReader& reader) {
    FolderSource source(folder_.path().string());
    return reader.read(source).value().set;
  }
  TemporaryFolder folder_;
};

TEST_F(YamlInAFolder, IsOneWarningThatNamesTheFirstFileAndCountsThem) {
  SetReader reader({});
  EXPECT_THAT(rulesOf(*read(reader)), IsEmpty());
  folder_.write("c.yaml", "client_id: c\n");
  folder_.write("b.yml", "client_id: b\n");
  const ManifestSetPtr set = read(reader);
  ASSERT_THAT(rulesOf(*set), ElementsAre("file-yaml")) << "no JSON file has changed";
  EXPECT_EQ(set->warnings[0].where.path, folder_ / "b.yml");
  EXPECT_THAT(set->warnings[0].message, HasSubstr("this file and 1 more are YAML"));
  EXPECT_THAT(idsOf(*set), ElementsAre("a"));
  EXPECT_EQ(read(reader), set);
  std::filesystem::remove(folder_ / "b.yml");
  std::filesystem::remove(folder_ / "c.yaml");
  EXPECT_THAT(rulesOf(*read(reader)), IsEmpty());
}

TEST_F(YamlInAFolder, IsWhatTheRuleSays) {
  folder_.write("b.yml", "client_id: b\n");
  ReadingOptions strict;
  strict.severities.makeStrict();
  SetReader reader(strict);
  EXPECT_THAT(read(reader)->invalid, SizeIs(1));
  EXPECT_THAT(idsOf(*read(reader)), ElementsAre("a")) << "what is JSON is served all the same";
  ReadingOptions off;
  ASSERT_TRUE(off.severities.set("file-yaml=off"));
  SetReader lenient(off);
  EXPECT_THAT(rulesOf(*read(lenient)), IsEmpty());
}

TEST(SetReader, FindsDuplicatesAcrossFilesThatDidNotChange) {
  FakeSource source;
  source.put("a.json", client("x"));
  SetReader reader({});
  EXPECT_THAT(idsOf(*reader.read(source).value().set), ElementsAre("x"));
  source.put("b.json", client("x"));
  const ManifestSetPtr set = reader.read(source).value().set;
  EXPECT_THAT(set->manifests, IsEmpty());
  EXPECT_THAT(set->duplicates, SizeIs(1));
}

TEST(SetReader, JudgesAllManifestsAnewForAnotherHydra) {
  FakeSource source;
  source.put("a.json", R"({"client_id":"a","client_secret":"s-e-c-r-e-t","scope":"x","policy_uri":"/path"})");
  SetReader reader{ReadingOptions{}};
  EXPECT_THAT(reader.read(source)->set->invalid, SizeIs(1)) << "the newest Hydra takes addresses only";
  reader.judgeFor({2, 3, 0});
  EXPECT_THAT(reader.read(source)->set->invalid, IsEmpty());
  const int read = source.contents;
  reader.judgeFor({2, 3, 0});
  EXPECT_THAT(reader.read(source)->set->invalid, IsEmpty());
  EXPECT_EQ(source.contents, read) << "the same Hydra again changes nothing";
}

TEST(SetReader, ReadsAFolderFromEndToEnd) {
  const TemporaryFolder folder;
  folder.write("good.json", client("a"));
  folder.write("bad.json", "{");
  std::filesystem::create_symlink("nowhere", folder / "link.json");
  FolderSource source(folder.path().string());
  SetReader reader({});
  const ManifestSetPtr first = reader.read(source).value().set;
  EXPECT_THAT(idsOf(*first), ElementsAre("a"));
  EXPECT_THAT(rulesOf(*first), ElementsAre("json-syntax", "link-broken"));
  EXPECT_EQ(reader.read(source).value().set, first);
  folder.write("more.json", client("b"));
  EXPECT_THAT(idsOf(*reader.read(source).value().set), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace hydra_clients::manifest

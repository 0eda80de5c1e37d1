#include "manifest/sources/git/git_source.h"

#include <mutex>

#include <gmock/gmock.h>

#include "client/side_by_side.h"
#include "git_support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = SourceError::Kind;

/// A Git source that counts the contents that are asked for.
class CountingSource final : public ManifestSource {
 public:
  explicit CountingSource(std::string path, GitSourceOptions options = {})
      : path_(std::move(path)), git_(std::move(options)) {}
  tl::expected<std::unique_ptr<Snapshot>, SourceError> open() override {
    const auto place = findGitPlace(path_);
    if (!place) return tl::unexpected(place.error());
    if (!*place) return tl::unexpected(SourceError{Kind::kAbsent, "no place"});
    auto snapshot = git_.open(**place);
    if (!snapshot) return tl::unexpected(snapshot.error());
    if (!*snapshot) return tl::unexpected(SourceError{Kind::kAbsent, "a plain folder"});
    return std::make_unique<Counting>(std::move(*snapshot), contents);
  }
  [[nodiscard]] std::string description() const override { return "git"; }
  std::vector<std::string> contents;  ///< paths

 private:
  class Counting final : public Snapshot {
   public:
    Counting(std::unique_ptr<Snapshot> inner, std::vector<std::string>& contents)
        : inner_(std::move(inner)), contents_(contents) {}
    [[nodiscard]] const Revision& revision() const override { return inner_->revision(); }
    [[nodiscard]] const std::vector<SourceFile>& files() const override { return inner_->files(); }
    [[nodiscard]] SkippedFiles skipped() const override { return inner_->skipped(); }
    [[nodiscard]] std::vector<std::string> notices() const override { return inner_->notices(); }
    tl::expected<std::string, SourceError> contentOf(const SourceFile& file, std::uint64_t limit) override {
      {
        const std::scoped_lock lock(counting_);
        contents_.push_back(file.path);
      }
      return inner_->contentOf(file, limit);
    }
    tl::expected<void, SourceError> verify() override { return inner_->verify(); }

   private:
    const std::unique_ptr<Snapshot> inner_;
    std::mutex counting_;  ///< guards contents_
    std::vector<std::string>& contents_;
  };
  std::string path_;
  GitSource git_;
};

Reading read(SetReader& reader, ManifestSource& source) {
  auto reading = reader.read(source);
  EXPECT_TRUE(reading) << reading.error().message;
  return reading ? std::move(*reading) : Reading{std::make_shared<const ManifestSet>(), {}, {}, {}, {}};
}

std::string errorOf(const std::string& path, GitSourceOptions options = {}) {
  CountingSource source(path, std::move(options));
  SetReader reader({});
  const auto reading = reader.read(source);
  return reading ? "no error" : reading.error().message;
}

std::vector<std::string> idsIn(const std::string& path, GitSourceOptions options = {}) {
  CountingSource source(path, std::move(options));
  SetReader reader({});
  return idsOf(*read(reader, source).set);
}

// ---- what is read -----------------------------------------------------------------------

TEST(GitSource, ReadsTheCommitAndNotTheWorkTree) {
  Checkout repo;
  repo.write("clients/a.json", client("a"));
  const std::string id = repo.commit("b.json", client("b"));
  repo.write("clients/a.json", client("changed"));
  repo.write("clients/new.json", client("new"));
  CountingSource source(repo / "clients");
  SetReader reader({});
  const Reading reading = read(reader, source);
  EXPECT_THAT(idsOf(*reading.set), ElementsAre("a"));
  EXPECT_EQ(reading.set->manifests[0]->from.path, "clients/a.json") << "as the repository names it";
  EXPECT_EQ(reading.revision, (Revision{id, Checkout::kFirstCommit}));
}

TEST(GitSource, ReadsTheFolderOrTheRefThatItIsToldTo) {
  Checkout repo;
  repo.commit("clients/web/a.json", client("old"));
  repo("tag v1");
  repo.commit("clients/web/a.json", client("new"));
  repo("clone --quiet --bare . ../bare");
  EXPECT_THAT(idsIn(repo / "clients", {.inside = "web"}), ElementsAre("new"));
  EXPECT_THAT(idsIn(repo.beside("bare"), {.inside = "clients"}), ElementsAre("new"));
  EXPECT_THAT(idsIn(repo.beside("bare"), {.ref = "v1"}), ElementsAre("old"));
}

TEST(GitSource, ReadsOneBlobWhereACommitChangesOneFile) {
  Checkout repo;
  for (const char* const name : {"a", "b", "c"}) repo.write(std::string(name) + ".json", client(name));
  repo.commit();
  CountingSource source(repo.folder());
  SetReader reader({});
  const ManifestSetPtr first = read(reader, source).set;
  source.contents.clear();
  repo.commit("b.json", client("b2"));
  const ManifestSetPtr second = read(reader, source).set;
  EXPECT_THAT(idsOf(*second), ElementsAre("a", "b2", "c"));
  EXPECT_THAT(source.contents, ElementsAre("b.json"));
  EXPECT_EQ(first->manifests[0], second->manifests[0]) << "parsed once";
  EXPECT_EQ(first->manifests[2], second->manifests[2]);
}

TEST(GitSource, ReadsManyBlobsSideBySide) {
  Checkout repo;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < 4 * kNumbersPerThread; ++i) {
    ids.push_back("client-" + std::to_string(1000 + i));
    repo.write(ids.back() + ".json", client(ids.back()));
  }
  repo.commit();
  EXPECT_EQ(idsIn(repo.folder()), ids);
  repo("repack -q -a -d");
  EXPECT_EQ(idsIn(repo.folder()), ids);
}

TEST(GitSource, ReadsNothingForACommitThatChangesNoManifest) {
  Checkout repo;
  repo.commit("clients/a.json", client("a"));
  CountingSource source(repo / "clients");
  SetReader reader({});
  const ManifestSetPtr first = read(reader, source).set;
  const std::string id = repo.commit("README.md", "x");
  const Reading second = read(reader, source);
  EXPECT_EQ(second.set, first);
  EXPECT_EQ(second.revision.id, id);
  EXPECT_THAT(source.contents, ElementsAre("clients/a.json"));
}

TEST(GitSource, TellsOfAFileThatWasRenamedByItsNewName) {
  Checkout repo;
  repo.commit("a.json", client("a"));
  CountingSource source(repo.folder());
  SetReader reader({});
  read(reader, source);
  repo("mv a.json z.json");
  repo.commit();
  EXPECT_EQ(read(reader, source).set->manifests.at(0)->from.path, "z.json");
}

TEST(GitSource, GoesFromCommitToCommitWhateverHappensToTheRepository) {
  Checkout repo;
  repo.write("stays.json", client("stays"));
  repo.commit("a.json", client("v0"));
  CountingSource source(repo.folder());
  SetReader reader({});
  const std::array<const char*, 5> between{"gc --quiet --prune=now", "pack-refs --all", "repack -q -a -d -f",
                                           "checkout --quiet -B other", "checkout --quiet --detach"};
  for (std::size_t i = 0; i < 10; ++i) {
    const std::string name = "v" + std::to_string(i);
    const std::string id = repo.commit("a.json", client(name));
    repo(between[i % between.size()]);
    const Reading reading = read(reader, source);
    EXPECT_THAT(idsOf(*reading.set), ElementsAre("stays", name));
    EXPECT_EQ(reading.revision.id, id);
  }
}

// ---- what is not there ------------------------------------------------------------------

TEST(GitSource, IsAPlainFolderWhereNothingIsCommitted) {
  Checkout repo;
  repo.write("new/a.json", client("a"));
  EXPECT_EQ(errorOf(repo / "new"), "a plain folder") << "no commit yet";
  repo.commit("b.json", client("b"));
  repo.write("later/a.json", client("a"));
  EXPECT_EQ(errorOf(repo / "later"), "a plain folder");
}

TEST(GitSource, TakesAFolderThatACommitDropsForEmpty) {
  Checkout repo;
  repo.write("clients/a.json", client("a"));
  repo.commit("README.md", "x");
  CountingSource source(repo / "clients");
  SetReader reader({});
  read(reader, source);
  repo("rm -r --quiet clients");
  repo.commit();
  EXPECT_THAT(idsOf(*read(reader, source).set), IsEmpty());
  repo.commit("clients/b.json", client("b"));
  EXPECT_THAT(idsOf(*read(reader, source).set), ElementsAre("b"));
}

TEST(GitSource, TakesAnEmptyTreeForAnEmptySet) {
  Checkout repo;
  repo.commit();
  EXPECT_THAT(idsIn(repo.folder()), IsEmpty());
}

TEST(GitSource, SaysWhatIsNotThere) {
  Checkout repo;
  const std::string id = repo.commit("a.json", client("a")).substr(0, 12);
  repo("clone --quiet --bare . ../bare");
  EXPECT_THAT(errorOf(repo.beside("bare"), {.inside = "nosuch"}),
              HasSubstr("commit " + id + " has no folder nosuch; git ls-tree -d -r --name-only " + id));
  EXPECT_THAT(errorOf(repo.folder(), {.ref = "nosuch"}), HasSubstr("there is no ref nosuch"));
  EXPECT_THAT(errorOf(repo / "nosuch", {.ref = "main"}), HasSubstr("has no folder nosuch"));
}

TEST(GitSource, StaysAtAnErrorWhereTheBranchOfHeadGoesAway) {
  Checkout repo;
  repo.commit("a.json", client("a"));
  CountingSource source(repo.folder());
  SetReader reader({});
  read(reader, source);
  repo("symbolic-ref HEAD refs/heads/gone");
  const auto reading = reader.read(source);
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error().message, HasSubstr("there is no commit yet"));
}

// ---- files that are not read ------------------------------------------------------------

TEST(GitSource, RefusesAFileByItsSizeAndAPointerOfLfs) {
  Checkout repo;
  repo.write("big.json", client(std::string(2000, 'x')));
  repo.write("lfs.json", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
  repo.write("small.json", client("small"));
  repo.commit();
  CountingSource source(repo.folder());
  ReadingOptions options;
  options.fileBytes = 1000;
  SetReader reader(options);
  const ManifestSetPtr set = read(reader, source).set;
  EXPECT_THAT(idsOf(*set), ElementsAre("small"));
  EXPECT_THAT(rulesOf(*set), ElementsAre("file-size", "git-lfs-pointer"));
}

TEST(GitSource, NamesSubmodulesAndYamlAsTheRepositoryDoes) {
  Checkout repo;
  Checkout other;
  other.commit("in.json", "{}");
  repo.write("clients/a.json", client("a"));
  repo.write("clients/b.yaml", "x");
  repo("submodule --quiet add " + other.folder().string() + " clients/sub");
  repo.commit();
  CountingSource source(repo / "clients");
  SetReader reader({});
  EXPECT_THAT(formatted(read(reader, source).set->warnings),
              ElementsAre(HasSubstr("clients/b.yaml"), HasSubstr("clients/sub")));
}

// ---- what is worth a word ---------------------------------------------------------------

TEST(GitSource, SaysHowManyFilesAreNotCommitted) {
  Checkout repo;
  repo.write("other.json", "1");
  repo.commit("clients/a.json", client("a"));
  repo.write("clients/a.json", client("b"));
  repo.write("clients/new.json", client("new"));
  repo.write("other.json", "2");
  CountingSource source(repo / "clients");
  SetReader reader({});
  EXPECT_THAT(read(reader, source).notices,
              ElementsAre(repo.folder().string() +
                          ": uncommitted changes of 2 manifest files are not read: commit them, or read the "
                          "files as they are with --working-tree"));
  CountingSource ofRef(repo / "clients", {.ref = "main"});
  EXPECT_THAT(read(reader, ofRef).notices, IsEmpty()) << "whatever is checked out";
}

TEST(GitSource, SaysThatItWentBack) {
  Checkout repo;
  const std::string first = repo.commit("a.json", client("a"));
  const std::string second = repo.commit("a.json", client("b"));
  CountingSource source(repo.folder());
  SetReader reader({});
  EXPECT_THAT(read(reader, source).notices, IsEmpty());
  repo("reset --quiet --hard " + first);
  EXPECT_THAT(
      read(reader, source).notices,
      ElementsAre("the manifests went back from commit " + second.substr(0, 12) +
                  " (2023-11-14T23:13:20Z) to the older " + first.substr(0, 12) + " (2023-11-14T22:13:20Z)"));
  EXPECT_THAT(read(reader, source).notices, IsEmpty()) << "once";
  repo("reset --quiet --hard " + second);
  EXPECT_THAT(read(reader, source).notices, IsEmpty()) << "forward";
}

}  // namespace
}  // namespace hydra_clients::manifest

#include "manifest/sources/folder_source.h"

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using Kind = SourceError::Kind;

/// Until what was written is settled.
void rest() { std::this_thread::sleep_for(std::chrono::milliseconds(2100)); }

std::unique_ptr<Snapshot> opened(const TemporaryFolder& folder) {
  auto snapshot = FolderSource(folder.path().string()).open();
  EXPECT_TRUE(snapshot) << snapshot.error().message;
  return std::move(snapshot).value();
}

/// Paths below the folder.
std::vector<std::string> filesOf(const TemporaryFolder& folder, const Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const SourceFile& file : snapshot.files())
    names.push_back(fs::path(file.path.text()).lexically_relative(folder.path()).string());
  return names;
}

SourceError openingErrorOf(const std::string& path) {
  auto snapshot = FolderSource(path).open();
  return snapshot ? SourceError{Kind::kUnreadable, "no error", "none"} : snapshot.error();
}

/// The rule of the only file's fault.
std::string ruleOfOnlyFile(const TemporaryFolder& folder) {
  const auto snapshot = opened(folder);
  EXPECT_THAT(snapshot->files(), SizeIs(1));
  const auto content = snapshot->contentOf(snapshot->files().at(0), 1000);
  return content ? "readable" : content.error().rule;
}

TEST(FolderSource, FindsEveryJsonFileAndNoHiddenOne) {
  const TemporaryFolder folder;
  for (const char* const name :
       {"b.json", "a/z.json", "a/b/c.json", ".git/x.json", ".hidden.json", "README.md", "json", "a.json"}) {
    folder.write(name, "{}");
  }
  EXPECT_THAT(filesOf(folder, *opened(folder)), ElementsAre("a.json", "a/b/c.json", "a/z.json", "b.json"));
}

TEST(FolderSource, CountsTheYamlThatItDoesNotRead) {
  const TemporaryFolder folder;
  for (const char* const name : {"b.json", "b.yml", "a/z.yaml", ".hidden.yaml", ".git/x.yaml", "README.md"})
    folder.write(name, "{}");
  fs::create_symlink("b.yml", folder / "link.yaml");
  const auto snapshot = opened(folder);
  EXPECT_EQ(snapshot->skipped(), (SkippedFiles{{2, folder / "a/z.yaml"}, {}}));
  EXPECT_THAT(filesOf(folder, *snapshot), ElementsAre("b.json"));
}

TEST(FolderSource, SaysOfAFolderOfYamlAloneThatItIsNotRead) {
  const TemporaryFolder folder;
  folder.write("clients.yaml", "- client_id: app\n");
  const SourceError error = openingErrorOf(folder.path().string());
  EXPECT_EQ(error.kind, Kind::kEmpty);
  EXPECT_THAT(error.message, ::testing::HasSubstr("YAML is not read (clients.yaml)"));
}

TEST(FolderSource, NamesFilesAsTheUserWould) {
  const TemporaryFolder folder;
  folder.write("a.json", "{}");
  const auto snapshot = FolderSource(folder.path().string() + "//").open().value();
  EXPECT_EQ(snapshot->files()[0].path, folder / "a.json");
  EXPECT_EQ(FolderSource("manifests/").description(), "folder manifests");
}

TEST(FolderSource, ReadsFilesWhole) {
  const TemporaryFolder folder;
  folder.write("a.json", "{\"client_id\": \"a\"}");
  const auto snapshot = opened(folder);
  EXPECT_EQ(snapshot->contentOf(snapshot->files()[0], 1000).value(), "{\"client_id\": \"a\"}");
  EXPECT_TRUE(snapshot->verify());
}

TEST(FolderSource, MayBeOneFile) {
  const TemporaryFolder folder;
  folder.write("a.json", "{}");
  const auto snapshot = FolderSource(folder / "a.json").open().value();
  EXPECT_EQ(snapshot->contentOf(snapshot->files().at(0), 1000).value(), "{}");
  EXPECT_TRUE(snapshot->verify());
  folder.write("b.json", "[]");
  fs::rename(folder / "b.json", folder / "a.json");
  EXPECT_EQ(snapshot->verify().error().kind, Kind::kTorn);
}

TEST(FolderSource, NeverReadsAnEmptyFolderAsNoClients) {
  const TemporaryFolder folder;
  EXPECT_EQ(openingErrorOf(folder.path().string()).kind, Kind::kEmpty);
}

TEST(FolderSource, SaysThatItIsAbsent) {
  const TemporaryFolder folder;
  EXPECT_EQ(openingErrorOf(folder / "none").kind, Kind::kAbsent);
  EXPECT_EQ(openingErrorOf("").kind, Kind::kAbsent);
  EXPECT_EQ(openingErrorOf("/dev/null").kind, Kind::kUnreadable);
}

TEST(FolderSource, CallsAFolderThatMayNotBeListedUnreadable) {
  const TemporaryFolder folder;
  folder.write("sub/a.json", "{}");
  folder.write("b.json", "{}");
  ::chmod((folder / "sub").c_str(), 0);
  const NotRoot user;
  EXPECT_EQ(openingErrorOf(folder.path().string()).kind, Kind::kUnreadable);
}

TEST(FolderSource, BlamesOneFileForWhatIsItsOwnFault) {
  {
    const TemporaryFolder folder;
    fs::create_directory(folder / "x.json");
    EXPECT_EQ(ruleOfOnlyFile(folder), "not-a-file");
  }
  {
    const TemporaryFolder folder;
    ::mkfifo((folder / "x.json").c_str(), 0600);
    EXPECT_EQ(ruleOfOnlyFile(folder), "not-a-file");
  }
  {
    const TemporaryFolder folder;
    fs::create_symlink("nowhere.json", folder / "x.json");
    EXPECT_EQ(ruleOfOnlyFile(folder), "link-broken");
  }
  {
    const TemporaryFolder folder;
    fs::create_symlink("x.json", folder / "x.json");
    EXPECT_EQ(ruleOfOnlyFile(folder), "link-broken");
  }
  {
    const TemporaryFolder folder;
    folder.write("x.json", "{}");
    ::chmod((folder / "x.json").c_str(), 0);
    const NotRoot user;
    EXPECT_EQ(ruleOfOnlyFile(folder), "file-unreadable");
  }
}

TEST(FolderSource, FollowsLinksThatStayInside) {
  const TemporaryFolder folder;
  folder.write("a/x.json", "{}");
  folder.write("b/y.json", "{}");
  fs::create_symlink("../a/x.json", folder / "b/z.json");
  fs::create_directory_symlink("a", folder / "c");
  fs::create_directory_symlink(folder / "a", folder / "d");
  EXPECT_THAT(filesOf(folder, *opened(folder)),
              ElementsAre("a/x.json", "b/y.json", "b/z.json", "c/x.json", "d/x.json"));
}

TEST(FolderSource, RefusesLinksThatLeaveIt) {
  const TemporaryFolder outside;
  outside.write("secret.json", "{}");
  {
    const TemporaryFolder folder;
    fs::create_symlink(outside / "secret.json", folder / "x.json");
    EXPECT_EQ(ruleOfOnlyFile(folder), "link-leaves-root");
  }
  {
    const TemporaryFolder folder;
    fs::create_directory_symlink(outside.path(), folder / "sub");
    EXPECT_EQ(ruleOfOnlyFile(folder), "link-leaves-root");
  }
  {
    const TemporaryFolder folder;
    fs::create_symlink("../" + outside.path().filename().string() + "/secret.json", folder / "x.json");
    EXPECT_EQ(ruleOfOnlyFile(folder), "link-leaves-root");
  }
  {  // a sibling whose name begins with the folder's
    const TemporaryFolder folder;
    folder.write("in/a.json", "{}");
    folder.write("in-side/b.json", "{}");
    fs::create_symlink("../in-side/b.json", folder / "in/b.json");
    const auto snapshot = FolderSource(folder / "in").open().value();
    EXPECT_EQ(snapshot->contentOf(snapshot->files().at(1), 1000).error().rule, "link-leaves-root");
  }
}

TEST(FolderSource, DoesNotFollowALinkInCircles) {
  const TemporaryFolder folder;
  folder.write("a/x.json", "{}");
  fs::create_directory_symlink("..", folder / "a/up");
  const auto snapshot = opened(folder);
  ASSERT_THAT(filesOf(folder, *snapshot), SizeIs(2));
  EXPECT_EQ(snapshot->contentOf(snapshot->files()[0], 1000).error().rule, "link-loop");
}

TEST(FolderSource, IgnoresLinksToOtherFiles) {
  const TemporaryFolder folder;
  folder.write("a.json", "{}");
  fs::create_symlink("/etc/passwd", folder / "README");
  EXPECT_THAT(filesOf(folder, *opened(folder)), ElementsAre("a.json"));
}

TEST(FolderSource, HasAnEndInDepth) {
  const TemporaryFolder folder;
  std::string deep;
  for (int i = 0; i < 70; ++i) deep += "d/";
  folder.write(deep + "a.json", "{}");
  EXPECT_EQ(openingErrorOf(folder.path().string()).kind, Kind::kLimit);
}

TEST(FolderSource, NoticesAFileThatChangedBeforeItWasRead) {
  const TemporaryFolder folder;
  folder.write("a.json", "{}");
  const auto snapshot = opened(folder);
  folder.write("a.json", "{ }");
  EXPECT_EQ(snapshot->contentOf(snapshot->files()[0], 1000).error().kind, Kind::kTorn);
  fs::remove(folder / "a.json");
  EXPECT_EQ(snapshot->contentOf(snapshot->files()[0], 1000).error().kind, Kind::kTorn);
}

TEST(FolderSource, NoticesAFileThatWasReplacedByAnEqualOne) {
  const TemporaryFolder folder;
  folder.write("a.json", "{}");
  const auto snapshot = opened(folder);
  folder.write("b.tmp", "{}");
  fs::rename(folder / "b.tmp", folder / "a.json");
  EXPECT_EQ(snapshot->contentOf(snapshot->files()[0], 1000).error().kind, Kind::kTorn);
}

TEST(FolderSource, NoticesChangesAfterReading) {
  const auto verdictAfter = [](const std::function<void(const TemporaryFolder&)>& change) {
    const TemporaryFolder folder;
    folder.write("a.json", "{}");
    folder.write("sub/b.json", "{}");
    const auto snapshot = opened(folder);
    change(folder);
    const auto verified = snapshot->verify();
    return verified ? "good" : verified.error().kind == Kind::kTorn ? "torn" : "other";
  };
  EXPECT_STREQ(verdictAfter([](const TemporaryFolder&) {}), "good");
  EXPECT_STREQ(verdictAfter([](const TemporaryFolder& f) { f.write("c.md", ""); }), "good");
  EXPECT_STREQ(verdictAfter([](const TemporaryFolder& f) { f.write("c.json", "{}"); }), "torn");
  EXPECT_STREQ(verdictAfter([](const TemporaryFolder& f) { fs::remove(f / "sub/b.json"); }), "torn");
  EXPECT_STREQ(verdictAfter([](const TemporaryFolder& f) { f.write("a.json", "[]"); }), "torn");
  EXPECT_STREQ(verdictAfter([](const TemporaryFolder& f) { fs::rename(f / "sub", f / "bus"); }), "torn");
}

TEST(FolderSource, NoticesThatItsOwnPathLeadsElsewhereNow) {
  const TemporaryFolder folder;
  folder.write("one/a.json", "{}");
  folder.write("two/a.json", "{}");
  fs::create_directory_symlink("one", folder / "current");
  const auto snapshot = FolderSource(folder / "current").open().value();
  fs::create_directory_symlink("two", folder / "next");
  fs::rename(folder / "next", folder / "current");
  EXPECT_TRUE(
      snapshot->contentOf(snapshot->files()[0], 1000));  // the folder that was opened is the one that is read
  EXPECT_EQ(snapshot->verify().error().kind, Kind::kTorn);
}

/// A ConfigMap as the kubelet mounts it: a.json -> ..data/a.json, ..data -> ..2024.
class ConfigMap {
 public:
  explicit ConfigMap(const TemporaryFolder& folder) : folder_(folder) {}
  void publish(const std::string& version, std::string_view content) const {
    folder_.write(".." + version + "/a.json", content);
    fs::create_directory_symlink(".." + version, folder_ / "..data_tmp");
    fs::rename(folder_ / "..data_tmp", folder_ / "..data");
    if (!fs::exists(fs::symlink_status(folder_ / "a.json")))
      fs::create_symlink("..data/a.json", folder_ / "a.json");
  }

 private:
  const TemporaryFolder& folder_;
};

TEST(ConfigMapMount, IsReadThroughTheFolderThatItsLinkNames) {
  const TemporaryFolder folder;
  ConfigMap(folder).publish("2024", "{}");
  const auto snapshot = opened(folder);
  ASSERT_THAT(snapshot->files(), SizeIs(1));
  EXPECT_EQ(snapshot->files()[0].path, folder / "a.json");
  EXPECT_EQ(snapshot->contentOf(snapshot->files()[0], 1000).value(), "{}");
  EXPECT_TRUE(snapshot->verify());
}

TEST(ConfigMapMount, IsTornWhereItsLinkWasSwappedMeanwhile) {
  const TemporaryFolder folder;
  const ConfigMap map(folder);
  map.publish("2024", "{}");
  const auto snapshot = opened(folder);
  map.publish("2025", "[]");
  EXPECT_EQ(snapshot->contentOf(snapshot->files()[0], 1000).value(), "{}");
  EXPECT_EQ(snapshot->verify().error().kind, Kind::kTorn);
  fs::remove_all(folder / "..2024");
  EXPECT_EQ(snapshot->contentOf(snapshot->files()[0], 1000).error().kind, Kind::kTorn);
}

TEST(ConfigMapMount, MayNotLinkItsDataOutOfIt) {
  const TemporaryFolder outside;
  outside.write("a.json", "{}");
  const TemporaryFolder folder;
  fs::create_directory_symlink(outside.path(), folder / "..data");
  EXPECT_EQ(openingErrorOf(folder.path().string()).kind, Kind::kUnreadable);
}

TEST(FolderSource, SaysOfAFileThatWasWrittenJustNowThatItIsNotSettled) {
  const TemporaryFolder folder;
  folder.write("a.json", "{}");
  EXPECT_FALSE(opened(folder)->files()[0].settled) << "a second writing might not show in its times";
  rest();
  EXPECT_TRUE(opened(folder)->files()[0].settled);
  EXPECT_EQ(opened(folder)->files()[0].identity, opened(folder)->files()[0].identity);
}

}  // namespace
}  // namespace hydra_clients::manifest

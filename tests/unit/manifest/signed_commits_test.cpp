// Commits that need a signature: which one is read, and what stays in force. The check is a pretended one
// here: a signature is the name of whoever made it.

#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "git_support.h"
#include "manifest/sources/path_source.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using Kind = SourceError::Kind;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class SignedCommits : public testing::Test {
 protected:
  void SetUp() override {
    // What git takes for gpg: the name of the key is the signature.
    folder_.write("gpg", "#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho \"$3\"\n");
    fs::permissions(folder_ / "gpg", fs::perms::owner_all);
  }

  [[nodiscard]] fs::path state() const { return folder_.path() / "state"; }
  [[nodiscard]] fs::path stateFile() const { return state() / "last-good-commit"; }

  /// Commits one client beside those that are there; `signer` is "" for nobody. Each commit is a minute
  /// newer. Returns the commit's id.
  std::string commit(const std::string& id, const std::string& signer) {
    repository_.write(id + ".json", client(id));
    repository_("add -A");
    tests::git(repository_.folder(),
               "-c gpg.program=" + (folder_ / "gpg") + " commit -q -m '" + id + "' " +
                   (signer.empty() ? "--no-gpg-sign" : "--gpg-sign=" + signer),
               Checkout::kFirstCommit + 60 * commits_++);
    return repository_.idOf("HEAD");
  }

  tl::expected<std::string, CommitFault> check(const CommitSignature& commit) {
    if (keyringGone_) return tl::unexpected(CommitFault{"the keyring is gone", /*undecided=*/true});
    if (commit.signature.empty()) return tl::unexpected(CommitFault{"not signed"});
    EXPECT_THAT(commit.content, AllOf(testing::StartsWith("tree "), Not(HasSubstr("gpgsig"))));
    if (!trusted_.contains(commit.signature)) return tl::unexpected(CommitFault{"by " + commit.signature});
    return commit.signature == "leaving" ? "leaves soon" : "";
  }
  PathSourceOptions options() {
    PathSourceOptions options;
    options.path = repository_.folder().string();
    options.git.check = [this](const CommitSignature& commit) { return check(commit); };
    options.git.stateFolder = state().string();
    return options;
  }
  /// As a process that starts.
  void restart(const PathSourceOptions& options) { source_ = std::make_unique<PathSource>(options); }
  void restart() { restart(options()); }

  /// Opened and read: a commit is good once all of it could be.
  std::unique_ptr<Snapshot> opened() {
    if (!source_) restart();
    auto snapshot = source_->open();
    if (!snapshot) throw std::runtime_error(snapshot.error().message);
    if (const auto whole = (*snapshot)->verify(); !whole) throw std::runtime_error(whole.error().message);
    return std::move(*snapshot);
  }
  SourceError refused() {
    if (!source_) restart();
    auto snapshot = source_->open();
    return snapshot ? SourceError{Kind::kEmpty, "it was opened"} : snapshot.error();
  }
  static std::vector<std::string> filesOf(const Snapshot& snapshot) {
    std::vector<std::string> paths;
    for (const SourceFile& file : snapshot.files()) paths.emplace_back(file.path.text());
    return paths;
  }

  Checkout repository_;
  TemporaryFolder folder_;
  std::set<std::string> trusted_{"alice", "bob", "leaving"};
  bool keyringGone_ = false;
  int commits_ = 0;
  std::unique_ptr<PathSource> source_;
};

TEST_F(SignedCommits, AreRead) {
  const std::string id = commit("a", "alice");
  const auto snapshot = opened();
  EXPECT_EQ(snapshot->revision().id, id);
  EXPECT_THAT(filesOf(*snapshot), ElementsAre("a.json"));
  EXPECT_FALSE(snapshot->newestRefused());
  EXPECT_THAT(snapshot->notices(), IsEmpty());
}

TEST_F(SignedCommits, StayInForceWhileTheNewestIsRefused) {
  const std::string good = commit("a", "alice");
  (void)opened();
  for (const auto& [signer, words] : {std::pair{"", "not signed"}, std::pair{"mallory", "by mallory"}}) {
    const std::string bad = commit(std::string("b") + signer, signer);
    const auto snapshot = opened();
    EXPECT_EQ(snapshot->revision().id, good);
    EXPECT_THAT(filesOf(*snapshot), ElementsAre("a.json"));
    ASSERT_TRUE(snapshot->newestRefused());
    EXPECT_EQ(snapshot->newestRefused()->kind, Kind::kUnproven);
    EXPECT_THAT(snapshot->newestRefused()->message,
                AllOf(HasSubstr("commit " + bad.substr(0, 12) + " is refused: " + words),
                      EndsWith("commit " + good.substr(0, 12) + " stays in force")));
  }
  const std::string next = commit("c", "bob");
  const auto snapshot = opened();
  EXPECT_EQ(snapshot->revision().id, next) << "its ancestors are not asked for";
  EXPECT_FALSE(snapshot->newestRefused());
}

TEST_F(SignedCommits, AreWaitedForWhereThereIsNoneYet) {
  commit("a", "");
  const SourceError error = refused();
  EXPECT_EQ(error.kind, Kind::kUnproven);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("not signed"), HasSubstr("no earlier commit is known in " + state().string())));
  PathSourceOptions forgetful = options();
  forgetful.git.stateFolder.clear();
  restart(forgetful);
  EXPECT_THAT(refused().message, HasSubstr("--state-dir"));
  EXPECT_FALSE(fs::exists(state()));
}

TEST_F(SignedCommits, StayInForceAcrossRestarts) {
  const std::string good = commit("a", "alice");
  (void)opened();
  commit("b", "");
  restart();
  const auto snapshot = opened();
  EXPECT_EQ(snapshot->revision().id, good);
  EXPECT_TRUE(snapshot->newestRefused());
  struct stat status {};
  ASSERT_EQ(::stat(state().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(SignedCommits, AreCheckedAgainAfterARestart) {
  commit("a", "alice");
  (void)opened();
  commit("b", "");
  trusted_.erase("alice");
  restart();
  EXPECT_EQ(refused().kind, Kind::kUnproven);
  EXPECT_THAT(refused().message,
              AllOf(HasSubstr("not signed"), HasSubstr("so is the last good one: "), HasSubstr("by alice")));
}

TEST_F(SignedCommits, AreNotKnownFromAFileThatIsNotOurs) {
  const std::string good = commit("a", "alice");
  commit("b", "");
  const std::string kept = good + " HEAD\n";
  const std::string contents[] = {"",
                                  "garbage",
                                  good,
                                  good + "\n",
                                  good + " main\n",
                                  kept + kept,
                                  " " + kept,
                                  "HEAD " + kept,
                                  std::string(40, 'z') + " HEAD\n",
                                  std::string(1 << 20, 'x'),
                                  kept.substr(0, 30)};
  for (const std::string& content : contents) {
    folder_.write("state/last-good-commit", content);
    restart();
    EXPECT_THAT(refused().message, EndsWith("last-good-commit names no commit of HEAD"))
        << content.substr(0, 80);
  }
  folder_.write("state/last-good-commit", std::string(40, 'a') + " HEAD\n");
  restart();
  EXPECT_THAT(refused().message, HasSubstr("is not in the repository any more"));

  folder_.write("elsewhere", kept);
  fs::remove(stateFile());
  fs::create_symlink(folder_ / "elsewhere", stateFile());
  restart();
  EXPECT_THAT(refused().message, HasSubstr("last-good-commit: cannot be read")) << "a link is not followed";
  fs::remove(stateFile());
  ASSERT_EQ(::mkfifo(stateFile().c_str(), 0600), 0);
  restart();
  EXPECT_THAT(refused().message, HasSubstr("names no commit")) << "and nobody waits for a pipe";
  fs::remove(stateFile());
  fs::create_directory(stateFile());
  restart();
  EXPECT_THAT(refused().message, HasSubstr("last-good-commit: cannot be read"));

  fs::remove(stateFile());
  folder_.write("state/last-good-commit", kept);
  restart();
  EXPECT_EQ(opened()->revision().id, good) << "the one that is right is taken";
}

TEST_F(SignedCommits, TakeThePlaceOfALinkAndLeaveItsTargetAlone) {
  folder_.write("elsewhere", "precious");
  fs::create_directory(state());
  fs::create_symlink(folder_ / "elsewhere", stateFile());
  const std::string good = commit("a", "alice");
  EXPECT_THAT(opened()->notices(), IsEmpty());
  EXPECT_EQ(fs::file_size(folder_ / "elsewhere"), 8U);
  commit("b", "");
  restart();
  EXPECT_EQ(opened()->revision().id, good);
}

TEST_F(SignedCommits, AreInForceThoughTheyCannotBeKeptAndAreKeptLater) {
  folder_.write("state", "a file where the folder should be");
  const std::string good = commit("a", "alice");
  for (int i = 0; i < 2; ++i) {
    const auto snapshot = opened();
    EXPECT_EQ(snapshot->revision().id, good);
    EXPECT_THAT(snapshot->notices(),
                ElementsAre(AllOf(HasSubstr(stateFile().string() + ": cannot be written"),
                                  HasSubstr("after a restart"))));
  }
  fs::remove(state());
  EXPECT_THAT(opened()->notices(), IsEmpty());
  commit("b", "");
  restart();
  EXPECT_EQ(opened()->revision().id, good);
}

TEST_F(SignedCommits, AreOnlyReadFromTheStateByWhoMayNotWriteIt) {
  const std::string good = commit("a", "alice");
  PathSourceOptions looking = options();
  looking.git.state = LastGoodCommit::Access::kReads;
  restart(looking);
  EXPECT_THAT(opened()->notices(), IsEmpty());
  EXPECT_FALSE(fs::exists(state()));
  restart();
  (void)opened();
  commit("b", "");
  restart(looking);
  EXPECT_EQ(opened()->revision().id, good);
}

TEST_F(SignedCommits, ThatAreOlderAreTakenAndSaid) {
  const std::string older = commit("a", "alice");
  const std::string newer = commit("b", "bob");
  (void)opened();
  const auto saysSo = ElementsAre(
      AllOf(HasSubstr("went back from commit " + newer.substr(0, 12)), HasSubstr(older.substr(0, 12))));
  repository_("reset -q --hard " + older);
  auto snapshot = opened();
  EXPECT_EQ(snapshot->revision().id, older);
  EXPECT_THAT(snapshot->notices(), saysSo);
  EXPECT_THAT(opened()->notices(), IsEmpty()) << "once";

  repository_("reset -q --hard " + newer);
  EXPECT_THAT(opened()->notices(), IsEmpty());
  repository_("reset -q --hard " + older);
  restart();
  EXPECT_THAT(opened()->notices(), saysSo) << "also where it happened while nobody looked";
}

TEST_F(SignedCommits, OfAnotherHistoryAreTaken) {
  const std::string first = commit("a", "alice");
  (void)opened();
  repository_("checkout -q --orphan other");
  const std::string forced = commit("b", "bob");
  repository_("branch -q -f main " + forced);
  repository_("checkout -q main");
  EXPECT_EQ(opened()->revision().id, forced);
  commit("c", "");
  EXPECT_EQ(opened()->revision().id, forced);
  EXPECT_NE(first, forced);
}

TEST_F(SignedCommits, ThatAreGoneFromTheRepositoryAreNamed) {
  const std::string good = commit("a", "alice");
  (void)opened();
  repository_("checkout -q --orphan other");
  commit("b", "");
  repository_("branch -q -D main");
  repository_("reflog expire --expire=now --all");
  repository_("gc -q --prune=now");
  restart();
  EXPECT_THAT(refused().message,
              AllOf(HasSubstr("not signed"), HasSubstr(good + ", is not in the repository any more")));
}

TEST_F(SignedCommits, WhoseKeyEndsSoonAreSaid) {
  const std::string id = commit("a", "leaving");
  EXPECT_THAT(opened()->notices(), ElementsAre("commit " + id.substr(0, 12) + ": leaves soon"));
}

TEST_F(SignedCommits, CanBeAskedLaterWhetherTheyStillHold) {
  commit("a", "alice");
  const StillProven proof = opened()->proof();
  ASSERT_TRUE(proof);
  EXPECT_TRUE(proof());
  keyringGone_ = true;
  EXPECT_TRUE(proof()) << "that nobody can tell is no verdict";
  keyringGone_ = false;
  trusted_.erase("alice");
  EXPECT_EQ(proof().error(), "by alice");
}

TEST_F(SignedCommits, AreNotTakenWithoutAVerdict) {
  commit("a", "alice");
  (void)opened();
  keyringGone_ = true;
  EXPECT_EQ(refused().kind, Kind::kUnproven);
  EXPECT_THAT(refused().message, HasSubstr("the keyring is gone"));
}

TEST_F(SignedCommits, AreNotReplacedByASignedTag) {
  commit("a", "");
  repository_("-c gpg.program=" + (folder_ / "gpg") + " tag -u alice -m release v1");
  PathSourceOptions tagged = options();
  tagged.git.ref = "v1";
  restart(tagged);
  EXPECT_THAT(refused().message, HasSubstr("not signed"));
}

TEST_F(SignedCommits, AreReadAndNoFiles) {
  folder_.write("plain/a.json", client("a"));
  PathSourceOptions plain = options();
  plain.path = folder_ / "plain";
  restart(plain);
  EXPECT_EQ(refused().kind, Kind::kUnproven);
  EXPECT_THAT(refused().message, HasSubstr("is in no Git repository"));

  EXPECT_EQ((restart(), refused().kind), Kind::kAbsent) << "a repository without a commit";

  commit("a", "alice");
  repository_.write("ignored/b.json", client("b"));
  PathSourceOptions ignored = options();
  ignored.path = repository_ / "ignored";
  restart(ignored);
  EXPECT_THAT(refused().message, HasSubstr("has no folder ignored"));

  repository_("worktree add -q ../worktree");
  PathSourceOptions worktree = options();
  worktree.path = repository_.beside("worktree");
  restart(worktree);
  EXPECT_THAT(filesOf(*opened()), ElementsAre("a.json"));
  fs::rename(repository_.folder(), repository_.beside("not-mounted"));
  EXPECT_EQ(refused().kind, Kind::kUnproven);
  EXPECT_THAT(refused().message, HasSubstr("mount all of git-sync's root"));
}

}  // namespace
}  // namespace hydra_clients::manifest

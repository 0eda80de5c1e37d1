// The outbox, killed before and after each call that it makes of the system, and with each of them failing.

#include "outbox_steps.h"

#include <regex>
#include <sstream>

#include "outbox_fixture.h"

namespace hydra_clients::secrets {
namespace {

using namespace test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> linesOf(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

class OutboxSteps : public OutboxTest {
 protected:
  struct Ran {
    int status;
    std::vector<std::string> said;
    std::vector<std::string> steps;  ///< "open 1 .lock": KILL_AT's names, of temporary files only the prefix
  };

  /// Runs outbox-steps in the folder, and ends it or fails a call of it at `step`.
  [[nodiscard]] Ran run(const std::string& step = "") const { return run(step, path_); }
  [[nodiscard]] Ran run(const std::string& step, const std::string& below, bool looks = false) const {
    const std::string log = base_.path() + "/steps";
    fs::remove(log);
    std::vector<std::string> command = {"env", "LD_PRELOAD=" KILL_AT_LIBRARY, "KILL_AT_PATH=" + below,
                                        "KILL_AT_LOG=" + log};
    if (!step.empty()) command.push_back("KILL_AT=" + step);
    if (looks) command.emplace_back("KILL_AT_LOOKS=1");
    command.insert(command.end(), {OUTBOX_STEPS, path_});
    const tests::Output output = tests::runProgram(command);
    const std::regex temporary("\\.tmp-[0-9a-f-]+");
    return {output.status, linesOf(output.text),
            linesOf(std::regex_replace(contentOf(log), temporary, ".tmp"))};
  }

  /// A new folder, as for the next case.
  void beginAnew() const { fs::remove_all(path_); }

  /// What a killed process said to be kept is there, nothing half-written is, and the client's own secret can
  /// be confirmed.
  void expectNothingLost(const Ran& ran, const std::string& at) {
    const auto outbox = open();
    ASSERT_NE(outbox, nullptr) << at;
    EXPECT_THAT(outbox->warnings(), IsEmpty()) << at;
    for (const std::string& name : names()) EXPECT_THAT(name, testing::EndsWith(".asc")) << at;
    const Resolution resolution = resolve(*outbox, "app", kLive);
    const bool isThere = resolution.ours || fs::exists(path_ + "/app.asc");
    EXPECT_TRUE(isThere || std::ranges::count(ran.said, std::string("kept ") + kLive) == 0) << at;
    EXPECT_TRUE(!isThere || contentOf(path_ + "/app.asc").find(kLive) != std::string::npos) << at;
    EXPECT_FALSE(fs::exists(path_ + "/app+2.asc")) << at;
    resolve(*outbox, "shop", "");
    EXPECT_EQ(outbox->pending(), 0U) << at;
  }
};

/// "write:3" of the line "write 3 .pending/…".
std::string stepOf(const std::string& line) {
  const auto second = line.find(' ', line.find(' ') + 1);
  std::string step = line.substr(0, second);
  std::ranges::replace(step, ' ', ':');
  return step;
}

TEST_F(OutboxSteps, MakeASecretDurableBeforeItIsSaidToBeKept) {
  const std::vector<std::string> steps = run().steps;
  const std::string app = ".pending/app+";
  const auto begin = std::ranges::find_if(
      steps, [&](const std::string& line) { return line.ends_with("-> " + app + kStale + ".asc"); });
  ASSERT_NE(begin, steps.end());
  ASSERT_GE(begin - steps.begin(), 3);
  std::vector<std::string> kinds;
  for (auto line = begin - 3; line != begin + 2; ++line)
    kinds.push_back(std::regex_replace(*line, std::regex(" [0-9]+ "), " "));
  EXPECT_THAT(kinds, ElementsAre("open .pending/.tmp", "write .pending/.tmp", "fsync .pending/.tmp",
                                 "rename .pending/.tmp -> " + app + kStale + ".asc", "fsync .pending"));
}

TEST_F(OutboxSteps, MakeTheFolderItselfDurable) {
  const std::vector<std::string> steps = run("", base_.path()).steps;
  ASSERT_GT(steps.size(), 3U);
  EXPECT_THAT(std::vector(steps.begin(), steps.begin() + 3),
              ElementsAre("mkdir 1 out", "open 1 .", "fsync 1 ."));
}

TEST_F(OutboxSteps, ConfirmASecretForGoodBeforeTheOthersAreRemoved) {
  const std::vector<std::string> steps = run().steps;
  const auto of = [&](const std::string& end) {
    return std::ranges::find_if(steps, [&](const std::string& line) { return line.ends_with(end); }) -
           steps.begin();
  };
  const auto renamed = of(" -> app.asc");
  const auto removed = of(std::string(".pending/app+") + kStale + ".asc");
  ASSERT_LT(static_cast<std::size_t>(renamed + 1), steps.size());
  EXPECT_TRUE(std::regex_match(steps[static_cast<std::size_t>(renamed + 1)], std::regex("fsync [0-9]+ \\.")));
  const auto unlinked = std::ranges::find_if(steps,
                                             [&](const std::string& line) {
                                               return line.starts_with("unlink") &&
                                                      line.ends_with(std::string(kStale) + ".asc");
                                             }) -
                        steps.begin();
  EXPECT_LT(removed, renamed);
  EXPECT_GT(unlinked, renamed + 1);
}

TEST_F(OutboxSteps, MayEndBeforeAndAfterEachOfThem) {
  const Ran whole = run();
  EXPECT_EQ(whole.status, 0);
  EXPECT_THAT(whole.said, ElementsAre("opened", std::string("kept ") + kStale, std::string("kept ") + kLive,
                                      "resolved", std::string("kept ") + kRefused, "dropped"));
  ASSERT_GT(whole.steps.size(), 30U);
  for (const std::string& line : whole.steps) {
    for (const char* when : {":before", ":after"}) {
      const std::string at = stepOf(line) + when;
      beginAnew();
      const Ran ran = run(at);
      EXPECT_EQ(ran.status, 128 + SIGKILL) << at;
      expectNothingLost(ran, at);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(OutboxSteps, MayFail) {
  const Ran whole = run();
  for (const std::string& line : whole.steps) {
    const std::string at = stepOf(line) + ":EIO";
    beginAnew();
    const Ran ran = run(at);
    EXPECT_THAT(ran.status, testing::AnyOf(0, 1)) << at;
    if (ran.status == 1) {
      EXPECT_THAT(ran.said, Contains(HasSubstr("the disk failed (Input/output error)"))) << line;
    }
    expectNothingLost(ran, at);
    if (HasFatalFailure()) return;
  }
}

TEST_F(OutboxSteps, LoseNothingWhereAFileCannotBeLookedAt) {
  open().reset();  // the folder is there, so all that is looked at is looked at
  const Ran whole = run("", path_, /*looks=*/true);
  EXPECT_EQ(whole.status, 0);
  std::size_t failures = 0;
  for (const std::string& line : whole.steps) {
    if (!std::regex_search(line, std::regex("^(stat|read|list) "))) continue;
    const std::string at = stepOf(line) + ":EIO";
    beginAnew();
    open().reset();
    const Ran ran = run(at, path_, /*looks=*/true);
    EXPECT_THAT(ran.status, testing::AnyOf(0, 1)) << at;
    failures += ran.status == 1 ? 1 : 0;
    expectNothingLost(ran, at);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(failures, 10U);
}

TEST_F(OutboxSteps, LeaveNothingOfAFileThatCouldNotBeMadeDurable) {
  open().reset();
  // The first write and the first fsync are those of the start.
  for (const char* step : {"write:2+:ENOSPC", "fsync:2+:EIO", "fsync:3:EIO", "rename:1+:EROFS"}) {
    const Ran ran = run(step);
    EXPECT_EQ(ran.status, 1) << step;
    EXPECT_THAT(ran.said[1], testing::StartsWith("failed: the secret of client app cannot be kept")) << step;
    EXPECT_THAT(names(), testing::Not(Contains(HasSubstr(kStale)))) << step;
    EXPECT_THAT(names(), testing::Not(Contains(HasSubstr(".tmp-")))) << step;
  }
}

TEST_F(OutboxSteps, AreDoneWithoutExclusiveRenamesWhereTheFileSystemHasNone) {
  open().reset();
  const Ran ran = run("rename:1+:EINVAL");
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.steps, Contains(HasSubstr("link 1 .pending/.tmp -> .pending/app+")));
  EXPECT_THAT(names(), ElementsAre("app.asc"));
}

}  // namespace
}  // namespace hydra_clients::secrets

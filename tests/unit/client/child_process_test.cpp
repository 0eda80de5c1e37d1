#include "client/child_process.h"

#include <csignal>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>

namespace hydra_clients {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr auto kLong = 60s;  ///< longer than any child here lives, on however busy a machine

ChildProcess shell(const std::string& script, std::chrono::milliseconds limit = kLong) {
  return {"/bin/sh", {"sh", "-c", script}, {"NAME=value"}, limit};
}

ChildEnd end(const ChildProcess& child, const std::stop_token& stop = {}) {
  auto ended = runToEnd(child, stop);
  EXPECT_TRUE(ended) << ended.error();
  return ended ? *ended : ChildEnd{};
}

TEST(ChildProcess, GivesItsExitCodeAndWhatItWrote) {
  const ChildEnd ended = end(shell("echo out; echo err >&2; exit 7"));
  EXPECT_EQ(ended.kind, ChildEnd::Kind::kExited);
  EXPECT_EQ(ended.code, 7);
  EXPECT_EQ(ended.out, "out\n");
  EXPECT_EQ(ended.err, "err\n");
}

TEST(ChildProcess, HasNoInputNoDescriptorOfOursAndOnlyTheEnvironmentThatItIsGiven) {
  const int open = ::open("/dev/null", O_RDONLY);  // as a library does: not closed by exec
  ::setenv("HYDRA_CLIENTS_SECRET_X", "a secret", 1);
  const ChildEnd ended = end(shell("cat; ls /proc/self/fd | tr '\\n' ' '; env"));
  ::close(open);
  EXPECT_THAT(ended.out, testing::StartsWith("0 1 2 3 "));  // 3 is that of ls itself, at the folder
  EXPECT_THAT(ended.out, HasSubstr("NAME=value"));
  EXPECT_THAT(ended.out, testing::Not(HasSubstr("HYDRA_CLIENTS")));
}

TEST(ChildProcess, HasItsSignalsAsAShellSetsThem) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto handler = std::signal(SIGPIPE, SIG_IGN);
  const ChildEnd ended = end(shell("grep -E 'SigBlk|SigIgn' /proc/self/status"));
  std::signal(SIGPIPE, handler);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_THAT(ended.out, HasSubstr("SigBlk:\t0000000000000000"));
  EXPECT_THAT(ended.out, testing::EndsWith("0000000\n"));  // beyond these 28 are signals of glibc's own
}

TEST(ChildProcess, ThatHangsIsEndedAtItsLimit) {
  const ChildEnd ended = end(shell("echo begun; sleep 1000", 300ms));
  EXPECT_EQ(ended.kind, ChildEnd::Kind::kTimedOut);
  EXPECT_EQ(ended.out, "begun\n");
}

TEST(ChildProcess, ThatDoesNotHearIsKilledWithWhatItStarted) {
  const ChildEnd ended =
      end(shell("trap '' TERM; (sleep 1000; echo survived) & echo $!; while :; do sleep 1; done", 300ms));
  EXPECT_EQ(ended.kind, ChildEnd::Kind::kTimedOut);
  const pid_t started = std::stoi(ended.out);
  for (int i = 0; i < 3000 && ::kill(started, 0) == 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_NE(::kill(started, 0), 0) << "what it started lives on";
}

TEST(ChildProcess, IsEndedWhereSomebodyWantsItToStop) {
  std::stop_source stop;
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    stop.request_stop();
  });
  const auto begin = steady_clock::now();
  EXPECT_EQ(end(shell("sleep 1000"), stop.get_token()).kind, ChildEnd::Kind::kStopped);
  EXPECT_LT(steady_clock::now() - begin, kLong);
}

TEST(ChildProcess, ThatWritesTooMuchIsReadToItsEndAndRememberedInPart) {
  ChildProcess child = shell("yes | head -c 3000000; yes no | head -c 3000000 >&2; exit 3");
  child.keptBytes = 1000;
  const ChildEnd ended = end(child);
  EXPECT_EQ(ended.code, 3);
  EXPECT_EQ(ended.out.size(), 1000U);
  EXPECT_EQ(ended.err.size(), 1000U);
}

TEST(ChildProcess, ThatEndsWhileWhatItStartedHoldsItsStreamsHasEnded) {
  const ChildEnd ended = end(shell("sleep 1000 & exit 5"));
  EXPECT_EQ(ended.kind, ChildEnd::Kind::kExited);
  EXPECT_EQ(ended.code, 5);
}

TEST(ChildProcess, ThatClosesItsStreamsIsWaitedFor) {
  const ChildEnd ended = end(shell("exec >&- 2>&-; sleep 0.3; exit 4"));
  EXPECT_EQ(ended.code, 4);
}

TEST(ChildProcess, ThatIsKilledTellsByWhat) {
  const ChildEnd ended = end(shell("kill -9 $$"));
  EXPECT_EQ(ended.kind, ChildEnd::Kind::kKilled);
  EXPECT_EQ(ended.code, SIGKILL);
}

TEST(ChildProcess, ThatSomebodyElseHasReapedHasEndedSomehow) {
  const auto handler = std::signal(SIGCHLD, SIG_IGN);  // the kernel does it
  const ChildEnd ended = end(shell("echo out; exit 7"));
  std::signal(SIGCHLD, handler);
  EXPECT_EQ(ended.kind, ChildEnd::Kind::kUnknown);
  EXPECT_EQ(ended.out, "out\n");
}

TEST(ChildProcess, ThatIsNotThereIsAnErrorInWords) {
  const auto ended = runToEnd({"/no/such/program", {"x"}, {}, kLong}, {});
  ASSERT_FALSE(ended);
  EXPECT_THAT(ended.error(), HasSubstr("No such file or directory"));
}

}  // namespace
}  // namespace hydra_clients

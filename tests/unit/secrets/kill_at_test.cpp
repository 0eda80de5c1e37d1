// kill-at.so, on the calls of a small program: what is a step, and what happens at it.

#include <array>
#include <csignal>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "client/file_descriptor.h"
#include "outbox_fixture.h"

namespace hydra_clients::secrets {
namespace {

using namespace test;

constexpr int kKilled = 128 + SIGKILL;

/// A server that takes one connection, answers its first line with a line, and remembers what it got.
class OneAnswer {
 public:
  OneAnswer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_.get(), any, size), 0);
    EXPECT_EQ(listen(listener_.get(), 1), 0);
    EXPECT_EQ(getsockname(listener_.get(), any, &size), 0);
    port_ = ntohs(address.sin_port);
    server_ = std::thread([this] { serve(); });
  }
  ~OneAnswer() { (void)got(); }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  /// What the connection brought, when it has ended.
  const std::string& got() {
    if (server_.joinable()) server_.join();
    return got_;
  }

 private:
  static constexpr int kMilliseconds = 10'000;

  static bool isReadable(int file) {
    pollfd readable{file, POLLIN, 0};
    return poll(&readable, 1, kMilliseconds) == 1;
  }

  void serve() {
    if (!isReadable(listener_.get())) return;
    const FileDescriptor connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::array<char, 64> chunk{};
    if (!isReadable(connection.get())) return;
    const ssize_t size = ::recv(connection.get(), chunk.data(), chunk.size(), 0);
    if (size <= 0) return;
    got_.assign(chunk.data(), static_cast<std::size_t>(size));
    (void)!::send(connection.get(), "answer", 6, MSG_NOSIGNAL);
  }

  FileDescriptor listener_;
  int port_ = 0;
  std::string got_;
  std::thread server_;
};

class KillAt : public testing::Test {
 protected:
  using Words = std::vector<std::string>;

  /// Runs kill-at-subject with its arguments and these variables of kill-at.so.
  [[nodiscard]] static tests::Output run(const Words& arguments, const Words& variables) {
    Words command = {"env", "LD_PRELOAD=" KILL_AT_LIBRARY};
    command.insert(command.end(), variables.begin(), variables.end());
    command.emplace_back(KILL_AT_SUBJECT);
    command.insert(command.end(), arguments.begin(), arguments.end());
    return tests::runProgram(command);
  }
  [[nodiscard]] std::string log() const { return folder_.path() + "/log"; }

  [[nodiscard]] std::string file() const { return folder_.path() + "/one"; }
  /// a, b and c, one after the other.
  [[nodiscard]] Words writing() const {
    return {"write", file(), "a", "write", file(), "b", "write", file(), "c"};
  }

  tests::TemporaryFolder folder_;
};

TEST_F(KillAt, ListsTheStepsOfOneFolderAlone) {
  const std::string below = folder_.path() + "/in";
  fs::create_directory(below);
  const Words arguments = {"folder",
                           below,
                           "write",
                           "one",
                           "a",
                           "write",
                           "../two",
                           "b",
                           "write",
                           below + "x",
                           "c",
                           "write",
                           below + "/../in/one",
                           "d",
                           "rename",
                           "one",
                           "two",
                           "unlink",
                           "two"};
  EXPECT_EQ(run(arguments, {"KILL_AT_PATH=" + below, "KILL_AT_LOG=" + log()}).status, 0);
  EXPECT_EQ(contentOf(log()),
            "open 1 one\nwrite 1 one\nopen 2 one\nwrite 2 one\nrename 1 one -> two\nunlink 1 two\n");
}

TEST_F(KillAt, KillsBeforeOrAfterAStep) {
  for (const auto& [step, left] : {std::pair("write:1:before", ""),
                                   {"write:1:after", "a"},
                                   {"open:2:after", "a"},
                                   {"write:2:after", "ab"}}) {
    fs::remove(file());
    const Words variables = {"KILL_AT_PATH=" + folder_.path(), std::string("KILL_AT=") + step};
    EXPECT_EQ(run(writing(), variables).status, kKilled) << step;
    EXPECT_EQ(contentOf(file()), left) << step;
  }
  fs::remove(file());
  EXPECT_EQ(run(writing(), {"KILL_AT_PATH=" + folder_.path(), "KILL_AT=write:4:before"}).status, 0);
  EXPECT_EQ(contentOf(file()), "abc") << "there is no fourth";
}

TEST_F(KillAt, FailsAStepOrAllFromItOn) {
  EXPECT_EQ(run(writing(), {"KILL_AT_PATH=" + folder_.path(), "KILL_AT=write:2:ENOSPC"}).status, 0);
  EXPECT_EQ(contentOf(file()), "ac");
  fs::remove(file());
  EXPECT_EQ(run(writing(), {"KILL_AT_PATH=" + folder_.path(), "KILL_AT=open:2+:EROFS"}).status, 0);
  EXPECT_EQ(contentOf(file()), "a");
}

TEST_F(KillAt, SeesSocketsOfThePort) {
  OneAnswer server;
  const auto output = run({"ask", server.port()}, {"KILL_AT_PORT=" + server.port(), "KILL_AT_LOG=" + log()});
  EXPECT_EQ(output.text, "answer");
  EXPECT_EQ(contentOf(log()), "connect 1 socket\nsend 1 socket\nrecv 1 socket\n");
  OneAnswer other;
  fs::remove(log());
  EXPECT_EQ(run({"ask", other.port()}, {"KILL_AT_PORT=1", "KILL_AT_LOG=" + log()}).text, "answer");
  EXPECT_EQ(contentOf(log()), "");
}

TEST_F(KillAt, KillsBeforeOrAfterSomethingWasSent) {
  OneAnswer before;
  EXPECT_EQ(run({"ask", before.port()}, {"KILL_AT=send:1:before"}).status, kKilled);
  EXPECT_EQ(before.got(), "");
  OneAnswer after;
  EXPECT_EQ(run({"ask", after.port()}, {"KILL_AT=send:1:after"}).status, kKilled);
  EXPECT_EQ(after.got(), "question");
  OneAnswer answered;
  const auto output = run({"ask", answered.port()}, {"KILL_AT=recv:1:after"});
  EXPECT_EQ(output.status, kKilled);
  EXPECT_EQ(output.text, "");
}

TEST_F(KillAt, IsNotInheritedByChildren) {
  const auto output = run({"child", file()}, {"KILL_AT_PATH=" + folder_.path(), "KILL_AT=open:1:before"});
  EXPECT_EQ(output.status, 0);
  EXPECT_EQ(output.text, "");
  EXPECT_EQ(contentOf(file()), "child");
}

TEST_F(KillAt, RefusesWhatIsNoStep) {
  for (const char* step :
       {"frobnicate:1:before", "open:0:before", "open:x:after", "open:1:EWHAT", "open:1+:before", "open"}) {
    EXPECT_EQ(run({}, {std::string("KILL_AT=") + step}).status, 70) << step;
  }
}

}  // namespace
}  // namespace hydra_clients::secrets

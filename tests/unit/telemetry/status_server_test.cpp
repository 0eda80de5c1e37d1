#include "telemetry/status_server.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http_caller.h"

namespace hydra_clients::telemetry {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using tests::ask;
using tests::HttpCaller;

class Server : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = StatusServer::start({.listen = "127.0.0.1:0"}, callbacks());
    ASSERT_TRUE(started.has_value()) << started.error();
    server_ = std::move(*started);
  }
  StatusCallbacks callbacks() {
    return {[this]() -> std::string {
              if (broken_) throw std::runtime_error("broken");
              return metrics_;
            },
            [this](StatusClients) { return status_; }, [] { return true; }, [] { return false; },
            [this](const std::string&) { return static_cast<std::uint64_t>(++triggers_); }};
  }
  [[nodiscard]] std::string address() const { return server_->address(); }
  /// How long a well-behaved caller waits for its answer: the best of three, since the machine may be busy
  /// with other things, while a server that is held up is so for seconds.
  steady_clock::duration normalCall() const {
    auto best = steady_clock::duration::max();
    for (int i = 0; i < 3; ++i) {
      const auto begin = steady_clock::now();
      EXPECT_THAT(ask(address(), "GET", "/healthz"), StartsWith("HTTP/1.1 200"));
      best = std::min(best, steady_clock::now() - begin);
    }
    return best;
  }
  std::string metrics_ = "m 1\n";
  std::shared_ptr<const std::string> status_ = std::make_shared<const std::string>("{\"version\":1}");
  std::atomic<bool> broken_{false};
  std::atomic<int> triggers_{0};
  std::unique_ptr<StatusServer> server_;
};

constexpr auto kGet = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(Server, AnswersWithTheHeadersThatTheCallerNeeds) {
  EXPECT_THAT(address(), StartsWith("127.0.0.1:"));
  const std::string answer = ask(address(), "GET", "/metrics");
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 4\r\n"),
                            HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
                            HasSubstr("Cache-Control: no-store\r\n"),
                            HasSubstr("X-Content-Type-Options: nosniff\r\n"), EndsWith("\r\n\r\nm 1\n")));
  EXPECT_THAT(ask(address(), "GET", "/readyz"), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(ask(address(), "GET", "/status"), EndsWith("{\"version\":1}"));
  EXPECT_THAT(ask(address(), "GET", "/-/reconcile"),
              AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("Allow: POST\r\n")));
}

TEST_F(Server, HoldsTheBrowserToThePagesOwnFiles) {
  const std::string page = ask(address(), "GET", "/");
  EXPECT_THAT(
      page,
      AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Content-Security-Policy: default-src 'none'; "),
            HasSubstr("frame-ancestors 'none'"), HasSubstr("require-trusted-types-for 'script'"),
            Not(HasSubstr("unsafe-")), HasSubstr("Referrer-Policy: no-referrer\r\n"), EndsWith("</html>\n")));
  EXPECT_THAT(ask(address(), "GET", "/page/main.js"), HasSubstr("Content-Security-Policy: "));
  EXPECT_THAT(ask(address(), "GET", "/status"), HasSubstr("Cross-Origin-Resource-Policy: same-origin\r\n"));
  EXPECT_THAT(ask(address(), "GET", "/healthz"),
              ContainsRegex("\r\nDate: [A-Z][a-z]{2}, [0-9]{2} .* GMT\r\n"));
}

TEST_F(Server, SendsNoBodyOfADocumentThatTheCallerHas) {
  HttpCaller caller(address());
  ASSERT_TRUE(caller.send("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const std::string first = caller.answer();
  const auto begin = first.find("ETag: ") + 6;
  ASSERT_LT(begin, first.size());
  const std::string tag = first.substr(begin, first.find("\r\n", begin) - begin);
  ASSERT_TRUE(
      caller.send("GET /status HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: " + tag + "\r\n\r\n" + kGet));
  EXPECT_THAT(caller.answer(), AllOf(StartsWith("HTTP/1.1 304"), HasSubstr(tag), EndsWith("\r\n\r\n")));
  EXPECT_THAT(caller.answer(), StartsWith("HTTP/1.1 200")) << "nothing stands between the two answers";
}

TEST_F(Server, AnswersHeadWithTheSameHeaderAndNoBody) {
  HttpCaller caller(address());
  ASSERT_TRUE(caller.send("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const std::string head = caller.answer(/*withBody=*/false);
  EXPECT_THAT(head, AllOf(HasSubstr("Content-Length: 4\r\n"), EndsWith("\r\n\r\n")));
  ASSERT_TRUE(caller.send(kGet));
  EXPECT_THAT(caller.answer(), StartsWith("HTTP/1.1 200")) << "nothing stands between the two answers";
}

TEST_F(Server, TriggersOnPostWithAndWithoutABody) {
  EXPECT_THAT(ask(address(), "POST", "/-/reconcile", "Content-Length: 0\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask(address(), "POST", "/-/reconcile"), StartsWith("HTTP/1.1 200"));
  HttpCaller caller(address());
  ASSERT_TRUE(
      caller.send("POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n\r\n{\"a\":1}"));
  EXPECT_THAT(caller.answer(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(triggers_, 3);
  EXPECT_THAT(ask(address(), "POST", "/-/reconcile", "Origin: https://evil.example\r\n"),
              StartsWith("HTTP/1.1 403"));
  EXPECT_EQ(triggers_, 3);
}

TEST_F(Server, KeepsAConnectionForSeveralRequestsAlsoPipelined) {
  HttpCaller caller(address());
  ASSERT_TRUE(caller.send(std::string(kGet) + "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" + kGet));
  EXPECT_THAT(caller.answer(), EndsWith("ok\n"));
  EXPECT_THAT(caller.answer(), EndsWith("m 1\n"));
  EXPECT_THAT(caller.answer(), EndsWith("ok\n"));
  ASSERT_TRUE(caller.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(caller.answer(), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(caller.isClosed(2s));
}

TEST_F(Server, SpeaksHttp10) {
  HttpCaller caller(address());
  ASSERT_TRUE(caller.send("GET /healthz HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(caller.answer(), AllOf(StartsWith("HTTP/1.0 200"), EndsWith("ok\n")));
  EXPECT_TRUE(caller.isClosed(2s));
  HttpCaller keeping(address());
  ASSERT_TRUE(keeping.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_THAT(keeping.answer(), HasSubstr("Connection: keep-alive\r\n"));
  ASSERT_TRUE(keeping.send("GET /healthz HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(keeping.answer(), StartsWith("HTTP/1.0 200"));
}

TEST_F(Server, RefusesWhatIsTooLarge) {
  const std::string filler(StatusServer::kMaxRequestBytes + 1, 'x');
  EXPECT_THAT(ask(address(), "GET", "/healthz", "X-Filler: " + filler + "\r\n"), StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(ask(address(), "GET", "/" + filler), StartsWith("HTTP/1.1 431"));
  HttpCaller caller(address());
  caller.send("POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n" + filler);
  EXPECT_THAT(caller.answer(), StartsWith("HTTP/1.1 413"));
  EXPECT_TRUE(caller.isClosed(3s));
  HttpCaller chunked(address());
  chunked.send("POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) chunked.send("400\r\n" + std::string(1024, 'x') + "\r\n");
  EXPECT_THAT(chunked.answer(), StartsWith("HTTP/1.1 413"));
  EXPECT_EQ(triggers_, 0);
}

TEST_F(Server, RefusesARequestThatNamesNoHostOrTwo) {
  for (const auto* head : {"GET /healthz HTTP/1.1\r\n", "GET http://localhost/healthz HTTP/1.1\r\n",
                           "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n",
                           "GET /healthz HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\n",
                           "GET /healthz HTTP/1.0\r\nHost: localhost\r\nHost: evil.example\r\n"}) {
    HttpCaller caller(address());
    caller.send(std::string(head) + "\r\n" + kGet);
    EXPECT_THAT(caller.answer(), StartsWith("HTTP/1.1 400")) << head;
    EXPECT_EQ(caller.answer(), "") << "what follows is not read: " << head;
  }
}

TEST_F(Server, RefusesGarbageAndLivesOn) {
  const std::vector<std::string> garbage{
      "garbage\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),  // TLS
      std::string(100, '\0'),
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "GET / HTTP/1.1\r\nno colon\r\n\r\n",
      "POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      "POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n"};
  for (const auto& bytes : garbage) {
    HttpCaller caller(address());
    ASSERT_TRUE(caller.send(bytes));
    caller.finish();
    EXPECT_THAT(caller.answer(), AnyOf(StartsWith("HTTP/1.1 400"), ::testing::IsEmpty()));
    EXPECT_TRUE(caller.isClosed(3s));
  }
  HttpCaller pipelined(address());
  ASSERT_TRUE(pipelined.send(std::string(kGet) + "\x01\x02\x03 garbage \r\n\r\n"));
  EXPECT_THAT(pipelined.answer(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(pipelined.answer(), StartsWith("HTTP/1.1 400"));
  EXPECT_TRUE(pipelined.isClosed(3s));
  EXPECT_EQ(triggers_, 0);
  normalCall();
}

TEST_F(Server, IsNotDelayedByCallersThatSendNothing) {
  std::vector<HttpCaller> silent;
  for (int i = 0; i < 300; ++i) {
    silent.emplace_back(address());
    if (i % 3 == 0) silent.back().send("GET /metr");  // and one that never ends its request
    if (i % 25 == 0) {
      EXPECT_LT(normalCall(), 1s);
    }
  }
  EXPECT_LT(normalCall(), 1s);
  EXPECT_TRUE(silent.front().isClosed(2s)) << "the oldest idle one gives way";
  EXPECT_FALSE(silent.back().isClosed(100ms));
}

TEST_F(Server, EndsARequestThatTricklesIn) {
  HttpCaller caller(address());
  const auto begin = steady_clock::now();
  bool open = true;
  for (int i = 0; i < 200 && open; ++i) {
    open = caller.send("G") && !caller.isClosed(100ms);
  }
  EXPECT_FALSE(open);
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(StatusServer::kRequestTimeoutSeconds) + 2s);
}

// More than a socket's buffers hold.
const std::string kLarge(8 << 20, 's');

TEST_F(Server, IsNotDelayedByCallersThatDoNotTakeTheirAnswers) {
  status_ = std::make_shared<const std::string>(kLarge);
  std::vector<HttpCaller> stuck;
  for (std::size_t i = 0; i < StatusServer::kMaxConnections + 10; ++i) {
    stuck.emplace_back(address());
    stuck.back().send("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  EXPECT_LT(normalCall(), 1s);
  EXPECT_LT(normalCall(), 1s);
}

TEST_F(Server, ServesALargeAnswerWhole) {
  status_ = std::make_shared<const std::string>(kLarge);
  EXPECT_TRUE(ask(address(), "GET", "/status").ends_with("\r\n\r\n" + kLarge));
}

TEST_F(Server, ServesManyCallersAtOnce) {
  std::vector<std::jthread> threads;
  std::atomic<int> served{0};
  for (int t = 0; t < 32; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        if (ask(address(), "GET", "/healthz").starts_with("HTTP/1.1 200")) ++served;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(served, 32 * 20);
}

TEST_F(Server, LivesOnAfterACallbackThatThrows) {
  broken_ = true;
  EXPECT_THAT(ask(address(), "GET", "/metrics"), StartsWith("HTTP/1.1 500"));
  broken_ = false;
  EXPECT_THAT(ask(address(), "GET", "/metrics"), StartsWith("HTTP/1.1 200"));
}

TEST_F(Server, StopsPromptlyWhateverItsCallersDo) {
  status_ = std::make_shared<const std::string>(kLarge);
  std::vector<HttpCaller> callers;
  for (int i = 0; i < 40; ++i) {
    callers.emplace_back(address());
    if (i % 3 == 1) callers.back().send("GET /metr");
    if (i % 3 == 2) callers.back().send("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  normalCall();
  const auto begin = steady_clock::now();
  server_.reset();
  EXPECT_LT(steady_clock::now() - begin, 1s);
  EXPECT_TRUE(callers.front().isClosed(1s));
}

TEST_F(Server, TakesAPortAgainAtOnceAfterAStop) {
  // A port that is free for a moment may be taken by another program on this machine: not five times.
  std::string error = "never tried";
  for (int attempt = 0; attempt < 5 && !error.empty(); ++attempt) {
    const std::string listen = address();
    normalCall();
    server_.reset();
    const auto again = StatusServer::start({.listen = listen}, callbacks());
    error = again ? "" : again.error();
    SetUp();
  }
  EXPECT_EQ(error, "");
}

TEST_F(Server, ThatCannotListenSaysWhyAndWhatToDo) {
  const auto taken = StatusServer::start({.listen = address()}, callbacks());
  ASSERT_FALSE(taken.has_value());
  EXPECT_THAT(taken.error(),
              AllOf(HasSubstr(address()), HasSubstr("another program"), HasSubstr("choose another")));
  const auto foreign = StatusServer::start({.listen = "192.0.2.1:0"}, callbacks());
  ASSERT_FALSE(foreign.has_value());
  EXPECT_THAT(foreign.error(), HasSubstr("no such address"));
  EXPECT_FALSE(StatusServer::start({.listen = "nonsense"}, callbacks()).has_value());
}

TEST_F(Server, ListensOnIpv6AndOnEveryAddress) {
  const auto six = StatusServer::start({.listen = "[::1]:0"}, callbacks());
  if (!six) GTEST_SKIP() << six.error();
  EXPECT_THAT((*six)->address(), StartsWith("[::1]:"));
  const auto all = StatusServer::start({.listen = ":0"}, callbacks());
  ASSERT_TRUE(all.has_value()) << all.error();
  EXPECT_THAT(ask((*all)->address(), "GET", "/healthz"), StartsWith("HTTP/1.1 200")) << "over IPv4";
}

}  // namespace
}  // namespace hydra_clients::telemetry

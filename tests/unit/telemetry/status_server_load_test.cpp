#include <algorithm>
#include <atomic>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "http_caller.h"
#include "telemetry/status_server.h"
#include "temporary_folder.h"

namespace hydra_clients::telemetry {
namespace {

using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using tests::ask;
using tests::HttpCaller;

constexpr const char* kGet = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::size_t kLargeBytes = 8 << 20;  // more than a socket's buffers hold

/// A server with callers that do as they please. No test here looks at a clock: a server that is held up
/// leaves a well-behaved caller without an answer.
class ServerUnderLoad : public ::testing::Test {
 protected:
  void SetUp() override { start({.listen = "127.0.0.1:0"}); }
  void start(const ListenOptions& options) {
    StatusCallbacks callbacks{
        .metrics = [] { return std::string("m 1\n"); },
        .statusJson = [this](StatusClients) { return document_.load(); },
        .healthy = [] { return true; },
        .ready = [] { return true; },
        .reconcileNow = [this](const std::string&) { return static_cast<std::uint64_t>(++triggers_); }};
    auto started = StatusServer::start(options, std::move(callbacks));
    ASSERT_TRUE(started.has_value()) << started.error();
    server_ = std::move(*started);
  }
  [[nodiscard]] std::string address() const { return server_->address(); }
  [[nodiscard]] bool answers() const { return ask(address(), "GET", "/healthz").starts_with("HTTP/1.1 200"); }

  static std::shared_ptr<const std::string> largeDocument() {
    return std::make_shared<const std::string>(std::string(kLargeBytes, 's'));
  }
  std::atomic<std::shared_ptr<const std::string>> document_ = largeDocument();
  std::atomic<int> triggers_{0};
  std::unique_ptr<StatusServer> server_;
};

TEST_F(ServerUnderLoad, AnswersBesideAThousandIdleConnections) {
  constexpr std::size_t kIdle = 1000;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < 2 * kIdle)
    GTEST_SKIP() << "fewer than " << 2 * kIdle << " open files are allowed here";
  const rlimit more{files.rlim_max, files.rlim_max};
  setrlimit(RLIMIT_NOFILE, &more);
  std::list<HttpCaller> idle;
  for (std::size_t i = 0; i < kIdle; ++i) {
    idle.emplace_back(address());
    ASSERT_TRUE(idle.back().connected()) << i;
    if (i % 2 == 0) idle.back().send(kGet);  // half of them have been answered once
    if (i % 100 == 0) {
      EXPECT_TRUE(answers()) << "beside " << i;
    }
  }
  EXPECT_TRUE(answers());
}

TEST_F(ServerUnderLoad, AnswersBesideSlowReadersAndWriters) {
  std::list<HttpCaller> slow;
  for (std::size_t i = 0; i < StatusServer::kMaxConnections; ++i) {
    slow.emplace_back(address());
    slow.back().send(i % 2 == 0 ? "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n" : "POST /-/reconcile HT");
  }
  std::atomic<bool> done{false};
  std::jthread dripping([&] {
    while (!done) {
      for (HttpCaller& caller : slow) caller.send("x");
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(answers()) << i;
  done = true;
  EXPECT_EQ(triggers_, 0);
}

TEST_F(ServerUnderLoad, KeepsFewDocumentsForCallersThatDoNotTakeThem) {
  constexpr std::size_t kCycles = 10;
  constexpr std::size_t kKept = 4 + 1;  // and the newest, which is ours
  std::list<HttpCaller> slow;
  std::vector<std::weak_ptr<const std::string>> documents;
  for (std::size_t i = 0; i < kCycles; ++i) {
    document_ = largeDocument();
    documents.push_back(document_.load());
    slow.emplace_back(address());
    ASSERT_TRUE(slow.back().send("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    ASSERT_TRUE(answers()) << "by then it has been asked for";
  }
  const auto kept = std::ranges::count_if(documents, [](const auto& one) { return !one.expired(); });
  EXPECT_LE(static_cast<std::size_t>(kept), kKept);
  EXPECT_TRUE(slow.back().answer().ends_with(*document_.load())) << "the last caller has its answer whole";
}

TEST_F(ServerUnderLoad, GivesALargeDocumentToAReaderThatTakesItsTime) {
  HttpCaller reader(address());
  ASSERT_TRUE(reader.send("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  std::this_thread::sleep_for(std::chrono::seconds(StatusServer::kRequestTimeoutSeconds + 1));
  EXPECT_TRUE(reader.answer().ends_with(*document_.load())) << "5 s and a second for each MiB";
}

TEST_F(ServerUnderLoad, RefusesMethodsThatItDoesNotKnow) {
  for (const auto* method : {"TRACE", "CONNECT", "OPTIONS", "PUT", "DELETE", "PATCH", "get", "X-Y", "BREW"}) {
    const std::string answer = ask(address(), method, "/status");
    EXPECT_THAT(answer, AnyOf(StartsWith("HTTP/1.1 405"), StartsWith("HTTP/1.1 400"))) << method;
    EXPECT_THAT(ask(address(), method, "/-/reconcile"),
                AnyOf(StartsWith("HTTP/1.1 405"), StartsWith("HTTP/1.1 400")))
        << method;
  }
  EXPECT_EQ(triggers_, 0);
}

TEST_F(ServerUnderLoad, TakesNoPathForAnother) {
  for (const auto* target :
       {"/..//status", "/../status", "/%2e%2e/status", "/%73tatus", "/status/", "/status%00", "//status",
        "/./status", "\\status", "/status#x", "http://x/../status", "*", "/-/reconcile/../reconcile"}) {
    EXPECT_THAT(ask(address(), "GET", target), AnyOf(StartsWith("HTTP/1.1 404"), StartsWith("HTTP/1.1 400")))
        << target;
    EXPECT_THAT(ask(address(), "POST", target), AnyOf(StartsWith("HTTP/1.1 404"), StartsWith("HTTP/1.1 400")))
        << target;
  }
  EXPECT_EQ(triggers_, 0);
  EXPECT_THAT(ask(address(), "GET", "http://" + address() + "/healthz"), EndsWith("ok\n"));
}

TEST_F(ServerUnderLoad, AnswersPipelinedRequestsInTheirOrderWhateverStandsAmongThem) {
  HttpCaller caller(address());
  ASSERT_TRUE(
      caller.send("POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nGETGET /nothing "
                  "HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  "POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "1\r\nx\r\n0\r\n\r\n" +
                  std::string(kGet)));
  EXPECT_THAT(caller.answer(), HasSubstr("\"cycle\":1"));
  EXPECT_THAT(caller.answer(), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(caller.answer(/*withBody=*/false), HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(caller.answer(), HasSubstr("\"cycle\":2"));
  EXPECT_THAT(caller.answer(), EndsWith("ok\n"));
}

TEST_F(ServerUnderLoad, TakesNoRequestOfTwoLengthsForTwo) {
  HttpCaller caller(address());
  caller.send(
      "POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "0\r\n\r\nPOST /-/reconcile HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string answer = caller.answer();
  EXPECT_THAT(answer, AnyOf(StartsWith("HTTP/1.1 400"), StartsWith("HTTP/1.1 200")));
  EXPECT_LE(triggers_, 1);
}

TEST_F(ServerUnderLoad, TakesNoBodyOfAnUnknownLengthForARequest) {
  for (const auto* coding : {"xchunked", "chunked, gzip", "identity"}) {
    HttpCaller caller(address());
    caller.send("POST /-/reconcile HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: " + std::string(coding) +
                "\r\n\r\n" + kGet);
    EXPECT_THAT(caller.answer(), StartsWith("HTTP/1.1 400")) << coding;
    EXPECT_EQ(caller.answer(), "") << coding;
  }
  EXPECT_EQ(triggers_, 0);
}

TEST_F(ServerUnderLoad, AnswersOverAUnixSocketAsOverTcp) {
  const tests::TemporaryFolder folder;
  server_.reset();
  start({.listen = "unix:" + folder.path("status.sock")});
  EXPECT_EQ(address(), "unix:" + folder.path("status.sock"));
  EXPECT_THAT(ask(address(), "GET", "/healthz"), EndsWith("ok\n"));
  EXPECT_TRUE(ask(address(), "GET", "/status").ends_with(*document_.load()));
  std::list<HttpCaller> silent;
  for (std::size_t i = 0; i < 2 * StatusServer::kMaxConnections; ++i) silent.emplace_back(address());
  EXPECT_TRUE(answers());
}

}  // namespace
}  // namespace hydra_clients::telemetry

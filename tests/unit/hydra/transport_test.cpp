// Every transport against a server that misbehaves.

#include <array>
#include <atomic>
#include <cstdlib>
#include <latch>
#include <thread>

#include "no_descriptors.h"
#include "transport_fixture.h"

namespace hydra_clients::hydra {
namespace {

INSTANTIATE_TEST_SUITE_P(Ways, TransportTest, testing::Values(Way::kTcp, Way::kUnix, Way::kTls),
                         [](const auto& way) { return nameOf(way); });

TEST_P(TransportTest, SendsTargetBelowThePrefixByteForByteAndTheBody) {
  prefix_ = "/hydra/a%20b";
  Connection::Request seen;
  const auto transport = serve([&](Connection& connection) {
    while (auto request = connection.readRequest()) {
      seen = *request;
      connection.write(response(201, ""));
    }
  });
  ASSERT_TRUE(transport->send({Method::kPost, "/admin/clients/team%2Fa%20b%3Fc%23%C3%A9%2E%2E?x=%26&y=a~b",
                               body("{\"a\":\"\xc3\xa9\"}")}));
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/hydra/a%20b/admin/clients/team%2Fa%20b%3Fc%23%C3%A9%2E%2E?x=%26&y=a~b");
  EXPECT_EQ(seen.body, "{\"a\":\"\xc3\xa9\"}");
  EXPECT_THAT(seen.head, HasSubstr("application/json"));
}

TEST_P(TransportTest, SendsTheHeadersOfTheOptions) {
  options_.accessToken = std::make_shared<const Secret>(std::string("token-1"));
  options_.fakeTlsTermination = true;
  options_.headers.push_back({"X-Own", std::make_shared<const Secret>(std::string("value"))});
  options_.headers.push_back({"user-agent", std::make_shared<const Secret>(std::string("mine"))});
  std::string head;
  const auto transport = serve([&](Connection& connection) {
    while (auto request = connection.readRequest()) {
      head = request->head;
      connection.write(response(200, ""));
    }
  });
  ASSERT_TRUE(get(*transport));
  std::ranges::transform(head, head.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::erase(head, ' ');
  EXPECT_THAT(head, HasSubstr("\r\nauthorization:bearertoken-1\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nx-forwarded-proto:https\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nx-own:value\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nuser-agent:mine\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\naccept:application/json\r\n"));
  EXPECT_THAT(head, testing::Not(HasSubstr("hydra-clients")));
}

TEST_P(TransportTest, SaysThatThisProcessHasTooManyOpenFiles) {
#ifdef __SANITIZE_ADDRESS__
  // UBSan looks at the exception's type, and asks a pipe whether it may: that takes descriptors.
  if (GetParam() == Way::kTls) GTEST_SKIP() << "UBSan has a false alarm where there are no descriptors";
#endif
  const auto transport = serve([](Connection& connection) {
    while (connection.readRequest()) connection.write(response(200, "ok"));
  });
  {
    const test::NoDescriptors none;
    const auto error = errorOf(post(*transport));
    EXPECT_EQ(error.kind, Kind::kConnect);
    EXPECT_FALSE(error.mayHaveArrived);
    EXPECT_THAT(error.message, HasSubstr("too many open files"));
    EXPECT_THAT(error.message, HasSubstr("ulimit -n"));
  }
  EXPECT_TRUE(post(*transport)) << "as soon as there are some again";
}

TEST_P(TransportTest, KeepsConnections) {
  const auto transport = serve([](Connection& connection) {
    while (connection.readRequest()) connection.write(response(200, "ok"));
  });
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(i % 2 == 0 ? get(*transport) : post(*transport));
  EXPECT_EQ(server_->connections(), 1);
}

TEST_P(TransportTest, SendsHeadAndBodyInOnePieceOverAKeptConnection) {
  options_.maxConnections = 1;
  std::vector<int> pieces;
  const auto transport = serve([&](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      pieces.push_back(request->pieces);
      connection.write(response(201, ""));
    }
  });
  constexpr int kTimes = 20;
  ASSERT_TRUE(get(*transport));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_TRUE(post(*transport, std::string(1000, 'x')));
    ASSERT_TRUE(get(*transport));
  }
  const auto taken = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(pieces, std::vector<int>(2 * kTimes + 1, 1));
  EXPECT_LT(taken, kTimes * 200ms / 2) << "nothing waits for the kernel to let go of what was held together";
}

TEST_P(TransportTest, SendsManySideBySideOverAtMostItsConnections) {
  options_.maxConnections = 8;
  std::atomic<int> served = 0;
  const auto transport = serve([&](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      ++served;
      connection.write(response(201, request->body));
    }
  });
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 64; ++i) {
      threads.emplace_back([&, i] {
        for (int k = 0; k < 20; ++k) {
          const std::string text = std::to_string(i) + "-" + std::to_string(k);
          const auto answer = post(*transport, text);
          if (answer && answer->body == text) ++right;
        }
      });
    }
  }
  EXPECT_EQ(right, 64 * 20);
  EXPECT_EQ(served, 64 * 20);
  EXPECT_LE(server_->connections(), 8);
}

TEST_P(TransportTest, NeverSendsAPostTwiceWhereAKeptConnectionEndsAfterTheRequest) {
  std::atomic<int> posts = 0;
  const auto transport = serve([&](Connection& connection) {
    for (int i = 0;; ++i) {
      const auto request = connection.readRequest();
      if (!request) return;
      if (request->method == "POST") {
        ++posts;
        if (i > 0) return;  // a kept connection: read whole, then closed without an answer
      }
      connection.write(response(200, "ok"));
    }
  });
  ASSERT_TRUE(get(*transport));
  const auto error = errorOf(post(*transport));
  EXPECT_EQ(error.kind, Kind::kClosed) << error.message;
  EXPECT_TRUE(error.mayHaveArrived);
  EXPECT_EQ(posts, 1);
  const auto next = post(*transport);
  EXPECT_TRUE(next) << "a new connection serves the next one, but: " << next.error().message;
  EXPECT_EQ(posts, 2);
}

TEST_P(TransportTest, NeverSendsAPostTwiceWhereAKeptConnectionIsReset) {
  std::atomic<int> posts = 0;
  const auto transport = serve([&](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      if (request->method == "POST") {
        ++posts;
        connection.reset();
        return;
      }
      connection.write(response(200, "ok"));
    }
  });
  ASSERT_TRUE(get(*transport));
  const auto error = errorOf(post(*transport, std::string(300'000, 'x')));
  EXPECT_EQ(error.kind, Kind::kClosed) << error.message;
  EXPECT_TRUE(error.mayHaveArrived);
  EXPECT_EQ(posts, 1);
}

TEST_P(TransportTest, LeavesKeptConnectionsThatHaveEndedForANewOne) {
  options_.maxConnections = 6;
  std::atomic<int> posts = 0;
  std::latch allBusy(6);
  std::atomic<bool> closeNow = false;
  const auto transport = serve([&](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      if (request->method == "POST") ++posts;
      if (request->target == "/together") allBusy.arrive_and_wait();
      connection.write(response(200, "ok"));
      if (connection.number() <= 6) {
        closeNow.wait(false);
        return;
      }
    }
  });
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) threads.emplace_back([&] { EXPECT_TRUE(get(*transport, "/together")); });
  }
  closeNow = true;
  closeNow.notify_all();
  std::this_thread::sleep_for(50ms);
  const auto answer = post(*transport);
  EXPECT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(posts, 1);
  EXPECT_EQ(server_->connections(), 7);
}

TEST_P(TransportTest, ReadsAgainWhereAKeptConnectionEndsUnderAGet) {
  const auto transport = serve([&](Connection& connection) {
    for (int i = 0; connection.readRequest(); ++i) {
      if (i > 0) return;
      connection.write(response(200, std::to_string(connection.number())));
    }
  });
  ASSERT_EQ(get(*transport)->body, "1");
  const auto answer = get(*transport);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "2");
}

TEST_P(TransportTest, FollowsNoRedirect) {
  std::atomic<int> requests = 0;
  const auto transport = serve([&](Connection& connection) {
    while (connection.readRequest()) {
      ++requests;
      connection.write(response(307, "", "Location: /elsewhere\r\n"));
    }
  });
  const auto answer = get(*transport);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 307);
  EXPECT_EQ(answer->headers.location, "/elsewhere");
  EXPECT_EQ(requests, 1);
}

TEST_P(TransportTest, UsesNoProxyOfTheEnvironment) {
  constexpr std::array kNames{"http_proxy",  "HTTP_PROXY", "https_proxy",
                              "HTTPS_PROXY", "all_proxy",  "ALL_PROXY"};
  for (const char* name : kNames) ASSERT_EQ(setenv(name, "http://127.0.0.1:1", /*overwrite=*/1), 0);
  const auto transport = serve([](Connection& connection) {
    while (connection.readRequest()) connection.write(response(200, "ok"));
  });
  const auto answer = get(*transport);
  for (const char* name : kNames) unsetenv(name);
  ASSERT_TRUE(answer) << answer.error().message;
}

TEST_P(TransportTest, KnowsThatNothingWasSentWhereNobodyListens) {
  auto transport = serve([](Connection&) {});
  server_.reset();
  const auto error = errorOf(post(*transport));
  EXPECT_EQ(error.kind, Kind::kConnect) << error.message;
  EXPECT_FALSE(error.mayHaveArrived);
  EXPECT_THAT(error.message, HasSubstr(options_.endpoint.text()));
}

TEST_P(TransportTest, CancelAllWakesEverybodyAndRefusesWhatFollows) {
  options_.maxConnections = 4;
  std::latch begun(4);
  const auto transport = serve([&](Connection& connection) {
    if (connection.readRequest()) begun.count_down();
    connection.waitForEnd();
  });
  std::atomic<int> cancelled = 0;
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 12; ++i) {  // 4 at work, 8 waiting for a connection
      threads.emplace_back([&] {
        if (errorOf(post(*transport)).kind == Kind::kCancelled) ++cancelled;
      });
    }
    begun.wait();
    transport->cancelAll();
  }
  EXPECT_EQ(cancelled, 12);
  EXPECT_LE(std::chrono::steady_clock::now() - begin, 8s);
  const auto later = errorOf(post(*transport));
  EXPECT_EQ(later.kind, Kind::kCancelled);
  EXPECT_FALSE(later.mayHaveArrived);
}

TEST_P(TransportTest, CanBeDestroyedWhileARequestIsGivenUp) {
  options_.timeout = 100ms;
  auto transport = serve([](Connection& connection) { connection.waitForEnd(); });
  EXPECT_EQ(errorOf(get(*transport)).kind, Kind::kTimeout);
  transport.reset();
}

TEST_P(TransportTest, ObserverHearsOfEveryRequest) {
  auto inner = serve([](Connection& connection) {
    if (connection.readRequest()) connection.write(response(201, "", "Connection: close\r\n"));
  });
  std::vector<std::pair<Method, int>> seen;
  const auto transport = observed(std::move(inner), [&](Method method, int code, double seconds) {
    EXPECT_GE(seconds, 0.0);
    seen.emplace_back(method, code);
  });
  EXPECT_TRUE(post(*transport));
  server_.reset();
  EXPECT_FALSE(get(*transport));
  EXPECT_THAT(seen, testing::ElementsAre(std::pair(Method::kPost, 201), std::pair(Method::kGet, 0)));
  EXPECT_EQ(transport->endpoint(), options_.endpoint.text());
}

TEST(UnixTransport, SaysWhyASocketCannotBeReached) {
  const test::TemporaryFolder folder;
  test::writeFile(folder.path("file"), "x");
  const auto messageFor = [](const std::string& path) {
    ConnectionOptions options;
    options.endpoint = Endpoint::parse("unix://" + path).value();
    const auto transport = makeTransport(options).value();
    const auto answer = transport->send({Method::kPost, "/x", body("{}")});
    EXPECT_EQ(answer.error().kind, Kind::kConnect);
    EXPECT_FALSE(answer.error().mayHaveArrived);
    return answer.error().message;
  };
  EXPECT_THAT(messageFor(folder.path("absent")), HasSubstr("no such socket"));
  EXPECT_THAT(messageFor(folder.path("file")), HasSubstr("nothing listens there"));
}

}  // namespace
}  // namespace hydra_clients::hydra
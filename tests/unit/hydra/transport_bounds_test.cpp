// What a transport does not wait for and does not take: deadlines, and bodies over the limit or cut.

#include <atomic>
#include <latch>
#include <thread>

#include "transport_fixture.h"

namespace hydra_clients::hydra {
namespace {

class TransportBounds : public TransportTest {};

INSTANTIATE_TEST_SUITE_P(Ways, TransportBounds, testing::Values(Way::kTcp, Way::kUnix, Way::kTls),
                         [](const auto& way) { return nameOf(way); });

TEST_P(TransportBounds, KeepsTheDeadlineOfTheWholeRequestThoughEveryStepIsQuick) {
  options_.timeout = 600ms;
  const auto transport = serve([](Connection& connection) {
    if (!connection.readRequest()) return;
    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 100 && connection.write("1\r\nx\r\n"); ++i) std::this_thread::sleep_for(50ms);
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto error = errorOf(get(*transport));
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(error.kind, Kind::kTimeout) << error.message;
  EXPECT_GE(took, 550ms);
  EXPECT_LE(took, 4s) << "and what the server has to say takes five";
  EXPECT_THAT(error.message, HasSubstr("600 ms"));
}

TEST_P(TransportBounds, TimesOutOnAServerThatReadsAndSaysNothing) {
  options_.timeout = GetParam() == Way::kTls ? 3'000ms : 300ms;  // a handshake computes, and is part of it
  const auto transport = serve([](Connection& connection) { connection.waitForEnd(); });
  const auto error = errorOf(post(*transport));
  EXPECT_EQ(error.kind, Kind::kTimeout);
  EXPECT_TRUE(error.mayHaveArrived);
  EXPECT_EQ(error.message,
            server_->url() + " did not answer within " + std::to_string(options_.timeout.count()) + " ms");
}

TEST_P(TransportBounds, CountsTheWaitForAConnectionAsPartOfTheDeadline) {
  options_.timeout = 2s;
  options_.maxConnections = 1;
  const auto transport = serve([](Connection& connection) { connection.waitForEnd(); });
  std::jthread first([&] { (void)get(*transport); });
  std::this_thread::sleep_for(100ms);
  const auto begin = std::chrono::steady_clock::now();
  const auto error = errorOf(post(*transport));
  EXPECT_LE(std::chrono::steady_clock::now() - begin, 3500ms) << "2 s; else 1.9 s for the first, and 2 s";
  EXPECT_EQ(error.kind, Kind::kTimeout);
}

TEST_P(TransportBounds, RefusesABodyWhoseToldLengthIsOverTheLimit) {
  options_.maxResponseBytes = 1000;
  const auto transport = serve([](Connection& connection) {
    if (!connection.readRequest()) return;
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n");
    connection.waitForEnd();
  });
  const auto error = errorOf(get(*transport));
  EXPECT_EQ(error.kind, Kind::kTooLarge) << error.message;
  EXPECT_THAT(error.message, HasSubstr("over 1000 bytes"));
}

TEST_P(TransportBounds, RefusesChunksThatTogetherAreOverTheLimit) {
  options_.maxResponseBytes = 100'000;
  std::atomic<int> written = 0;
  const auto transport = serve([&](Connection& connection) {
    if (!connection.readRequest()) return;
    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "1000\r\n" + std::string(0x1000, 'x') + "\r\n";
    while (written < 100'000 && connection.write(chunk)) ++written;
  });
  const auto error = errorOf(get(*transport));
  EXPECT_EQ(error.kind, Kind::kTooLarge) << error.message;
  server_.reset();  // waits for the handler
  EXPECT_LT(written, 10'000) << "the connection is ended, not read to its end";
}

TEST_P(TransportBounds, RefusesABodyWithoutLengthThatGoesOverTheLimit) {
  options_.maxResponseBytes = 100'000;
  const auto transport = serve([](Connection& connection) {
    if (!connection.readRequest()) return;
    connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    const std::string block(10'000, 'x');
    for (int i = 0; i < 10'000 && connection.write(block); ++i) {
    }
  });
  EXPECT_EQ(errorOf(get(*transport)).kind, Kind::kTooLarge);
}

TEST_P(TransportBounds, RefusesABodyOverTheLimitThatComesTogetherWithItsHead) {
  options_.maxResponseBytes = 1000;
  for (const char* head : {"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n"}) {
    const auto transport = serve([head](Connection& connection) {
      if (!connection.readRequest()) return;
      connection.write(head + std::string(5'000, 'x'));
      connection.write("\r\n0\r\n\r\n");
    });
    EXPECT_EQ(errorOf(get(*transport)).kind, Kind::kTooLarge) << head;
  }
}

/// What never ends before the body, or between its chunks.
TEST_P(TransportBounds, CutsOffAHeadThatDoesNotEnd) {
  options_.maxResponseBytes = 1 << 20;
  options_.timeout = 30s;
  constexpr std::size_t kMostSent = 1'000 << 20;
  for (const char* beginning : {"HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\nX: ",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x="}) {
    std::atomic<std::size_t> sent = 0;
    const auto transport = serve([&](Connection& connection) {
      if (!connection.readRequest() || !connection.write(beginning)) return;
      const std::string block(1 << 20, 'x');
      while (sent < kMostSent && connection.write(block)) sent += block.size();
    });
    const auto error = errorOf(get(*transport));
    server_.reset();  // waits for the handler
    EXPECT_EQ(error.kind, Kind::kTooLarge) << beginning << ": " << error.message;
    EXPECT_LT(sent, kMostSent) << beginning;
  }
}

TEST_P(TransportBounds, CutsOffAHeadThatDoesNotEndOnAKeptConnectionToo) {
  options_.maxResponseBytes = 1 << 20;
  options_.timeout = 30s;
  const auto transport = serve([&](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      if (request->target == "/good") {
        connection.write(response(200, std::string(1 << 20, 'x')));
        continue;
      }
      connection.write("HTTP/1.1 200 ");
      const std::string block(1 << 20, 'x');
      for (int i = 0; i < 1'000 && connection.write(block); ++i) {
      }
      return;
    }
  });
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(get(*transport, "/good"));
  const auto error = errorOf(get(*transport, "/endless"));
  EXPECT_EQ(error.kind, Kind::kTooLarge) << error.message;
}

TEST_P(TransportBounds, CountsEachResponseOfAKeptConnectionForItself) {
  options_.maxResponseBytes = 1 << 20;
  const std::string whole(1 << 20, 'x');
  const auto transport = serve([&](Connection& connection) {
    while (connection.readRequest()) {
      std::this_thread::sleep_for(60ms);  // so that somebody looks
      connection.write(response(200, whole));
    }
  });
  for (int i = 0; i < 5; ++i) {
    const auto answer = get(*transport);
    ASSERT_TRUE(answer) << answer.error().message;
  }
  EXPECT_EQ(server_->connections(), 1);
}

TEST_P(TransportBounds, TakesABodyOfExactlyTheLimitInEveryForm) {
  options_.maxResponseBytes = 100'000;
  const std::string whole(100'000, 'x');
  const auto transport = serve([&](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      if (request->target == "/length") {
        connection.write(response(200, whole));
      } else if (request->target == "/chunks") {
        connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 10; ++i) connection.write("2710\r\n" + std::string(10'000, 'x') + "\r\n");
        connection.write("0\r\n\r\n");
      } else {
        connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + whole);
        return;
      }
    }
  });
  for (const char* form : {"/length", "/chunks", "/close", "/length"}) {
    for (const std::size_t likely : {std::size_t(0), std::size_t(1), whole.size(), SIZE_MAX}) {
      const auto answer = transport->send({Method::kGet, form, nullptr, likely});
      ASSERT_TRUE(answer) << form << ": " << answer.error().message;
      EXPECT_EQ(answer->body, whole) << form;
    }
  }
}

TEST_P(TransportBounds, TellsABodyThatEndsTooSoon) {
  const auto transport = serve([](Connection& connection) {
    if (connection.readRequest()) connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,2");
  });
  const auto error = errorOf(post(*transport));
  EXPECT_EQ(error.kind, Kind::kClosed) << error.message;
  EXPECT_TRUE(error.mayHaveArrived);
  EXPECT_THAT(error.message, HasSubstr("in the middle of its answer"));
}

TEST_P(TransportBounds, TellsChunksThatEndTooSoon) {
  const auto transport = serve([](Connection& connection) {
    if (connection.readRequest()) {
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2,\r\n");
    }
  });
  EXPECT_EQ(errorOf(get(*transport)).kind, Kind::kClosed);
}

}  // namespace
}  // namespace hydra_clients::hydra

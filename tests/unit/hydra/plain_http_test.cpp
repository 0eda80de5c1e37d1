// HTTP/1.x as our own transport speaks it, over TCP and over a unix socket.

#include <filesystem>
#include <thread>

#include "transport_fixture.h"

namespace hydra_clients::hydra {
namespace {

using testing::Not;

/// More than the system takes of a request that nobody reads.
constexpr std::size_t kMoreThanIsBuffered = 32 << 20;

class PlainHttp : public TransportTest {};

INSTANTIATE_TEST_SUITE_P(Ways, PlainHttp, testing::Values(Way::kTcp, Way::kUnix),
                         [](const auto& way) { return nameOf(way); });

TEST_P(PlainHttp, PassesOverWhatOnlyPrecedesTheAnswer) {
  const std::string early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n";
  const auto transport = serve([&](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      const std::string answer = response(201, request->target);
      if (request->target == "/together") {
        connection.write(early + answer);
        continue;
      }
      connection.write(early);
      std::this_thread::sleep_for(10ms);
      connection.write(answer);
    }
  });
  for (const char* target : {"/together", "/apart", "/together"}) {
    const auto answer = transport->send({Method::kPost, target, body("{}")});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->body, target);
    EXPECT_EQ(answer->headers.link, "");
  }
  EXPECT_EQ(server_->connections(), 1);
}

TEST_P(PlainHttp, DoesNotWaitForAnAnswerBehindPromisesWithoutEnd) {
  options_.timeout = 30s;
  const auto transport = serve([](Connection& connection) {
    if (!connection.readRequest()) return;
    while (connection.write("HTTP/1.1 102 Processing\r\n\r\n")) {
    }
  });
  const auto error = errorOf(post(*transport));
  EXPECT_EQ(error.kind, Kind::kProtocol) << error.message;
  EXPECT_TRUE(error.mayHaveArrived);
}

TEST_P(PlainHttp, SpeaksNoHttpOverAConnectionThatSwitchedToSomethingElse) {
  const auto transport = serve([](Connection& connection) {
    while (connection.readRequest())
      connection.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
  });
  for (int i = 1; i <= 2; ++i) {
    const auto answer = get(*transport);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 101);
    EXPECT_EQ(server_->connections(), i);
  }
}

TEST_P(PlainHttp, TakesAnAnswerOfHttp10AndKeepsOnlyAConnectionThatIsToBeKept) {
  const auto transport = serve([](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      if (request->target == "/kept") {
        connection.write("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nkept");
      } else {
        connection.write("HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nonce");
      }
    }
  });
  const auto expect = [&](const std::string& target, const std::string& text, int connections) {
    const auto answer = get(*transport, target);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, text);
    EXPECT_EQ(server_->connections(), connections);
  };
  expect("/kept", "kept", 1);
  expect("/once", "once", 1);
  expect("/kept", "kept", 2);
}

TEST_P(PlainHttp, TakesChunksWithExtensionsAndTrailers) {
  const auto transport = serve([](Connection& connection) {
    while (connection.readRequest()) {
      connection.write(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n2\r\nde\r\n");
      connection.write("0\r\nX-Checksum: 1\r\n\r\n");
    }
  });
  for (int i = 0; i < 3; ++i) {
    const auto answer = get(*transport);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "abcde");
  }
  EXPECT_EQ(server_->connections(), 1);
}

/// Where two readers would see two bodies, one of them may be an answer that somebody smuggled in.
TEST_P(PlainHttp, RefusesAnAnswerOfTwoLengths) {
  for (const std::string lengths :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5, 6", "Content-Length: -5",
        "Content-Length: 5x"}) {
    const auto transport = serve([&](Connection& connection) {
      if (connection.readRequest())
        connection.write("HTTP/1.1 201 Created\r\n" + lengths + "\r\n\r\n0\r\n\r\nx");
      connection.waitForEnd();
    });
    const auto error = errorOf(post(*transport));
    EXPECT_EQ(error.kind, Kind::kProtocol) << lengths << ": " << error.message;
    EXPECT_TRUE(error.mayHaveArrived) << lengths;
  }
}

TEST_P(PlainHttp, LeavesAConnectionThatTheServerIsAboutToClose) {
  const auto transport = serve([](Connection& connection) {
    if (connection.readRequest()) connection.write(response(200, "ok", "Connection: close\r\n"));
    connection.waitForEnd();
  });
  ASSERT_TRUE(post(*transport));
  const auto answer = post(*transport);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(server_->connections(), 2);
}

TEST_P(PlainHttp, DoesNotReadWhatCameInOnePieceWithAnAnswerAsTheNext) {
  const auto transport = serve([](Connection& connection) {
    while (const auto request = connection.readRequest())
      connection.write(response(200, request->target) + response(200, "stray"));
  });
  for (const char* target : {"/one", "/two"}) {
    const auto answer = transport->send({Method::kPost, target, body("{}")});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, target);
  }
}

TEST_P(PlainHttp, NamesTheHostThatItAsks) {
  std::string head;
  const auto handler = [&](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      head = request->head;
      connection.write(response(200, ""));
    }
  };
  ASSERT_TRUE(get(*serve(handler)));
  const std::string host = GetParam() == Way::kUnix ? "unix" : "127.0.0.1:" + std::to_string(server_->port());
  EXPECT_THAT(head, HasSubstr("\r\nHost: " + host + "\r\n"));

  options_.headers.push_back({"host", std::make_shared<const Secret>(std::string("given.example"))});
  ASSERT_TRUE(get(*serve(handler)));
  EXPECT_THAT(head, HasSubstr("\r\nhost: given.example\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Host:")));
}

TEST_P(PlainHttp, SendsAHeadOfManyFieldsAndItsBodyInOnePiece) {
  for (int i = 0; i < 30; ++i)
    options_.headers.push_back({"X-" + std::to_string(i), std::make_shared<const Secret>(std::string("y"))});
  std::vector<int> pieces;
  const auto transport = serve([&](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      pieces.push_back(request->pieces);
      connection.write(response(201, ""));
    }
  });
  constexpr int kTimes = 50;
  for (int i = 0; i < kTimes; ++i) ASSERT_TRUE(post(*transport, std::string(1000, 'x')));
  EXPECT_EQ(pieces, std::vector<int>(kTimes, 1));
}

TEST_P(PlainHttp, SaysHowLongAHeadMayBe) {
  const auto transport = serve([](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      const std::size_t size = request->target == "/long" ? 66'000 : 60'000;
      connection.write(response(200, "ok", "X: " + std::string(size, 'x') + "\r\n"));
    }
  });
  EXPECT_TRUE(get(*transport, "/short"));
  const auto error = errorOf(get(*transport, "/long"));
  EXPECT_EQ(error.kind, Kind::kTooLarge);
  EXPECT_THAT(error.message, HasSubstr("the response's head to GET /long is over 65536 bytes"));
}

TEST_P(PlainHttp, CutsOffTrailersThatDoNotEnd) {
  options_.timeout = 60s;
  constexpr int kMostTrailers = 1'000'000;
  std::atomic<int> sent = 0;
  const auto transport = serve([&](Connection& connection) {
    if (!connection.readRequest()) return;
    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
    while (sent < kMostTrailers && connection.write("X-Checksum: 1\r\n")) ++sent;
  });
  const auto error = errorOf(get(*transport));
  server_.reset();  // waits for the handler
  EXPECT_EQ(error.kind, Kind::kTooLarge) << error.message;
  EXPECT_LT(sent, kMostTrailers);
}

TEST_P(PlainHttp, TellsAnAnswerThatWasCutInItsHead) {
  for (const std::string begin : {"H", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Le"}) {
    const auto transport = serve([&](Connection& connection) {
      for (int i = 0; connection.readRequest(); ++i) {
        connection.write(i == 0 ? response(200, "ok") : begin);
        if (i > 0) return;
      }
    });
    ASSERT_TRUE(get(*transport));
    const auto error = errorOf(get(*transport));
    EXPECT_EQ(error.kind, Kind::kClosed) << error.message;
    EXPECT_THAT(error.message, HasSubstr("in the middle of its answer"));
    EXPECT_EQ(server_->connections(), 1) << "who has begun to answer is not asked again";
  }
}

TEST_P(PlainHttp, SendsABodyThatIsTakenSlowly) {
  std::string taken;
  const auto transport = serve([&](Connection& connection) {
    std::this_thread::sleep_for(50ms);
    while (const auto request = connection.readRequest()) {
      taken = request->body;
      connection.write(response(201, ""));
    }
  });
  std::string sent(kMoreThanIsBuffered, 'x');
  for (std::size_t i = 0; i < sent.size(); i += 1000) sent[i] = static_cast<char>('a' + i / 1000 % 26);
  const auto answer = post(*transport, sent);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(taken == sent);
}

TEST_P(PlainHttp, TakesTheAnswerOfAServerThatHangsUpBeforeItHasReadAll) {
  const auto transport = serve([](Connection& connection) {
    connection.readBegin();
    connection.write(response(413, "too large"));
  });
  const auto answer = post(*transport, std::string(kMoreThanIsBuffered, 'x'));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->body, "too large");
}

TEST_P(PlainHttp, DoesNotWaitForEverForAServerThatTakesNothing) {
  options_.timeout = 300ms;
  std::atomic<bool> end = false;
  const auto transport = serve([&](Connection&) { end.wait(false); });
  const auto error = errorOf(post(*transport, std::string(kMoreThanIsBuffered, 'x')));
  EXPECT_EQ(error.kind, Kind::kTimeout) << error.message;
  EXPECT_TRUE(error.mayHaveArrived);
  end = true;
  end.notify_all();
  server_.reset();  // waits for the handler
}

TEST_P(PlainHttp, CancelAllEndsARequestThatIsBeingWritten) {
  options_.timeout = 60s;
  std::atomic<bool> end = false;
  std::atomic<int> accepted = 0;
  const auto transport = serve([&](Connection&) {
    ++accepted;
    end.wait(false);
  });
  std::jthread canceller([&] {
    while (accepted == 0) std::this_thread::sleep_for(1ms);
    transport->cancelAll();
  });
  EXPECT_EQ(errorOf(post(*transport, std::string(kMoreThanIsBuffered, 'x'))).kind, Kind::kCancelled);
  end = true;
  end.notify_all();
  server_.reset();  // waits for the handler
}

TEST_P(PlainHttp, TakesOneDescriptorAConnection) {
  const auto openFiles = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto transport = serve([](Connection& connection) {
    while (connection.readRequest()) connection.write(response(200, "ok"));
  });
  const auto before = openFiles();
  ASSERT_TRUE(get(*transport));
  EXPECT_EQ(openFiles() - before, 2) << "one here, and the server's";
}

}  // namespace
}  // namespace hydra_clients::hydra

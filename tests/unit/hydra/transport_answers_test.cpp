// How a transport reads what is answered.

#include <thread>

#include "transport_fixture.h"

namespace hydra_clients::hydra {
namespace {

class TransportAnswers : public TransportTest {};

INSTANTIATE_TEST_SUITE_P(Ways, TransportAnswers, testing::Values(Way::kTcp, Way::kUnix, Way::kTls),
                         [](const auto& way) { return nameOf(way); });

TEST_P(TransportAnswers, ReturnsStatusBodyAndTheHeadersThatAreRead) {
  const auto transport = serve([](Connection& connection) {
    while (connection.readRequest()) {
      connection.write(response(200, "[1]",
                                "X-Total-Count: 7\r\nlink: <a>; rel=\"next\"\r\nContent-Type: text/x\r\n"
                                "Retry-After: 3\r\nLocation: /y\r\nDate: now\r\n"));
    }
  });
  const auto answer = get(*transport);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "[1]");
  EXPECT_EQ(answer->headers.totalCount, 7u);
  EXPECT_EQ(answer->headers.link, "<a>; rel=\"next\"");
  EXPECT_EQ(answer->headers.contentType, "text/x");
  EXPECT_EQ(answer->headers.retryAfter, "3");
  EXPECT_EQ(answer->headers.location, "/y");
  EXPECT_EQ(answer->headers.date, "now");
}

TEST_P(TransportAnswers, ReadsAHeaderOfSeveralLinesAsOneList) {
  const auto transport = serve([](Connection& connection) {
    while (connection.readRequest())
      connection.write(response(200, "", "Link: <a>; rel=\"first\"\r\nX: y\r\nlink: <b>; rel=\"next\"\r\n"));
  });
  const auto answer = get(*transport);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->headers.link, "<a>; rel=\"first\", <b>; rel=\"next\"");
}

TEST_P(TransportAnswers, TellsWhatIsNotHttp) {
  const auto transport = serve([](Connection& connection) {
    if (connection.readRequest()) connection.write("220 smtp.example ESMTP\r\n\r\n");
  });
  const auto error = errorOf(get(*transport));
  EXPECT_EQ(error.kind, Kind::kProtocol) << error.message;
  EXPECT_THAT(error.message, HasSubstr("not HTTP"));
}

TEST_P(TransportAnswers, DoesNotReadTheRestOfOneAnswerAsTheNext) {
  const auto transport = serve([](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      connection.write(response(200, request->target) + response(200, "stray"));
      std::this_thread::sleep_for(20ms);
      connection.write(response(200, "later stray"));
    }
  });
  for (const char* target : {"/one", "/two", "/three"}) {
    const auto answer = get(*transport, target);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, target);
    std::this_thread::sleep_for(50ms);
  }
}

TEST_P(TransportAnswers, TakesAnAnswerThatComesBeforeTheWholeRequestWasRead) {
  options_.timeout = 2s;
  const auto transport = serve([](Connection& connection) {
    connection.write(response(413, "too large", "Connection: close\r\n"));
    connection.waitForEnd();
  });
  const auto answer = post(*transport, std::string(10'000, 'x'));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
}

TEST_P(TransportAnswers, TakesAnAnswerWithoutABody) {
  const auto transport = serve([](Connection& connection) {
    while (connection.readRequest()) connection.write("HTTP/1.1 204 No Content\r\n\r\n");
  });
  EXPECT_EQ(get(*transport)->status, 204);
  EXPECT_EQ(get(*transport)->status, 204);
  EXPECT_EQ(server_->connections(), 1);
}

TEST_P(TransportAnswers, WaitsForNoBodyWhereALengthIsToldOfNone) {
  const auto transport = serve([](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      const bool isHead = request->method == "HEAD";
      connection.write("HTTP/1.1 " + std::string(isHead ? "200 OK" : "304 Not Modified") +
                       "\r\nContent-Length: 7\r\n\r\n");
    }
  });
  for (const auto& [method, status] : {std::pair(Method::kHead, 200), std::pair(Method::kGet, 304)}) {
    for (int i = 0; i < 2; ++i) {
      const auto answer = transport->send({method, "/x", nullptr});
      ASSERT_TRUE(answer) << status << ": " << answer.error().message;
      EXPECT_EQ(answer->status, status);
      EXPECT_EQ(answer->body, "");
    }
  }
  EXPECT_EQ(server_->connections(), 1);
}

}  // namespace
}  // namespace hydra_clients::hydra

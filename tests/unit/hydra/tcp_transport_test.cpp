// What is TCP's own: names, addresses, ports.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "transport_fixture.h"

namespace hydra_clients::hydra {
namespace {

std::unique_ptr<Transport> transportTo(const std::string& url) {
  ConnectionOptions options;
  options.endpoint = Endpoint::parse(url).value();
  return makeTransport(options).value();
}

/// Null where this machine has no such address.
std::unique_ptr<TestServer> serverOn(const std::string& address, TestServer::Handler handler) {
  try {
    return TestServer::tcp(std::move(handler), address);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

void answerAll(Connection& connection) {
  while (connection.readRequest()) connection.write(response(200, "ok"));
}

TEST(TcpTransport, KnowsAHostThatCannotBeResolved) {
  const auto answer =
      transportTo("http://no-such-host.invalid:4445")->send({Method::kPost, "/x", body("{}")});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::kResolve) << answer.error().message;
  EXPECT_FALSE(answer.error().mayHaveArrived);
  EXPECT_THAT(answer.error().message, HasSubstr("no-such-host.invalid"));
}

TEST(TcpTransport, SpeaksToAnIpv6AddressWithARightHostHeader) {
  std::string head;
  const auto server = serverOn("::1", [&](Connection& connection) {
    while (const auto request = connection.readRequest()) {
      head = request->head;
      connection.write(response(200, "six"));
    }
  });
  if (!server) GTEST_SKIP() << "no IPv6 here";
  const auto answer = transportTo(server->url())->send({Method::kGet, "/x", nullptr});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(head, HasSubstr("\r\nHost: [::1]:" + std::to_string(server->port()) + "\r\n"));
}

TEST(TcpTransport, ReachesAServerThatListensOnOneAddressOfAName) {
  const auto server = TestServer::tcp(answerAll);
  const auto transport = transportTo("http://localhost:" + std::to_string(server->port()));
  for (int i = 0; i < 3; ++i) {
    const auto answer = transport->send({Method::kGet, "/x", nullptr});
    ASSERT_TRUE(answer) << answer.error().message;
  }
  EXPECT_EQ(server->connections(), 1);
}

TEST(TcpTransport, SendsEachRequestAtOnce) {
  const auto server = TestServer::tcp(answerAll);
  const auto transport = transportTo(server->url());
  ASSERT_TRUE(transport->send({Method::kGet, "/x", nullptr}));
  const FileDescriptor kept = transport->keptConnection();
  int noDelay = 0;
  socklen_t size = sizeof noDelay;
  ASSERT_EQ(getsockopt(kept.get(), IPPROTO_TCP, TCP_NODELAY, &noDelay, &size), 0);
  EXPECT_NE(noDelay, 0);
}

TEST(TcpTransport, SaysThatAPortSpeaksTls) {
  const auto server = TestServer::tcp([](Connection& connection) {
    constexpr std::string_view kAlert("\x15\x03\x03\x00\x02\x02\x28", 7);  // RFC 8446 §6: handshake_failure
    if (connection.readRequest()) connection.write(kAlert);
  });
  const auto answer = transportTo(server->url())->send({Method::kPost, "/x", body("{}")});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::kProtocol) << answer.error().message;
  EXPECT_THAT(answer.error().message, HasSubstr("a TLS port wants https://"));
}

}  // namespace
}  // namespace hydra_clients::hydra

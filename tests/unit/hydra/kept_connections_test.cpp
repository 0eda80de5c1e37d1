#include "hydra/kept_connections.h"

#include <boost/asio/local/stream_protocol.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/wake_up.h"
#include "hydra/http_exchange.h"
#include "test_server.h"

namespace hydra_clients::hydra {
namespace {

using namespace std::chrono_literals;
using Clock = KeptConnections::Clock;
using testing::HasSubstr;

constexpr std::size_t kLookedAt = 4096;

class KeptConnectionsTest : public testing::Test {
 protected:
  [[nodiscard]] KeptConnections::Kept connect() const {
    const std::string path = server_->url().substr(std::string("unix://").size());
    auto socket = StreamSocket::connect({boost::asio::local::stream_protocol::endpoint(path)},
                                        Clock::now() + 30s, wakeUp_.fd());
    return std::make_unique<SocketConnection>(std::move(socket.value()));
  }

  std::stop_source stop_;
  const WakeUp wakeUp_{stop_.get_token()};
  std::unique_ptr<test::TestServer> server_ =
      test::TestServer::unixSocket([](test::Connection& connection) { connection.waitForEnd(); });
  KeptConnections kept_;
  const Clock::time_point now_ = Clock::now();
};

TEST_F(KeptConnectionsTest, GivesTheOneThatWasUsedLast) {
  auto first = connect();
  auto second = connect();
  const auto* const last = second.get();
  EXPECT_FALSE(last->reused());
  kept_.put(std::move(first), now_);
  kept_.put(std::move(second), now_);
  const auto taken = kept_.take(now_);
  EXPECT_EQ(taken.get(), last);
  EXPECT_TRUE(taken->reused());
  EXPECT_TRUE(kept_.take(now_));
  EXPECT_FALSE(kept_.take(now_));
}

TEST_F(KeptConnectionsTest, GivesUpWhatHasEnded) {
  kept_.put(connect(), now_);
  kept_.put(connect(), now_);
  server_.reset();
  EXPECT_FALSE(kept_.take(now_));
}

TEST_F(KeptConnectionsTest, GivesUpWhatNobodyUsedForLong) {
  kept_.put(connect(), now_);
  EXPECT_TRUE(kept_.newest().valid());
  kept_.put(connect(), now_ + 1s);
  auto taken = kept_.take(now_ + KeptConnections::kLongestIdle + 1s);
  EXPECT_TRUE(taken) << "not too long";
  EXPECT_FALSE(kept_.take(now_ + KeptConnections::kLongestIdle + 1s));

  kept_.put(std::move(taken), now_);
  kept_.put(connect(), now_ + KeptConnections::kLongestIdle + 1s);
  EXPECT_TRUE(kept_.take(now_ + KeptConnections::kLongestIdle + 1s));
  EXPECT_FALSE(kept_.newest().valid()) << "what grew too old went when another was put";
}

TEST_F(KeptConnectionsTest, KeepsNothingOfAnAnswer) {
  server_ = test::TestServer::unixSocket([](test::Connection& connection) {
    if (connection.readRequest()) connection.write(test::response(201, R"({"client_secret":"the-secret"})"));
    connection.waitForEnd();
  });
  ConnectionOptions options;
  options.endpoint = Endpoint::parse(server_->url()).value();
  const auto connection = connect();
  connection->socket().begin(Clock::now() + 30s);
  const auto answer = exchange(*connection, {Method::kPost, "/admin/clients", nullptr}, options,
                               *OutgoingHeaders::make(options).value());
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_THAT(answer->response.body, HasSubstr("the-secret"));
  const auto memory = connection->buffer().prepare(kLookedAt);
  const std::string_view left(static_cast<const char*>(memory.data()), connection->socket().bytesReceived());
  EXPECT_EQ(left, std::string(left.size(), '\0'));
}

TEST_F(KeptConnectionsTest, KeepsNothingOnceClosed) {
  kept_.put(connect(), now_);
  kept_.close();
  EXPECT_FALSE(kept_.newest().valid());
  kept_.put(connect(), now_);
  EXPECT_FALSE(kept_.take(now_));
}

}  // namespace
}  // namespace hydra_clients::hydra

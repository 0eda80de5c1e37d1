#include "hydra/stream_socket.h"

#include <fstream>
#include <thread>
#include <vector>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/error.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "client/wake_up.h"

namespace hydra_clients::hydra {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

/// On a free port of 127.0.0.1. Nobody accepts; the system lets so many connect as `backlog` says.
class Listener {
 public:
  explicit Listener(int backlog = 16) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    tcp::endpoint wanted(boost::asio::ip::address_v4::loopback(), 0);
    EXPECT_EQ(bind(socket_.get(), wanted.data(), static_cast<socklen_t>(wanted.size())), 0);
    EXPECT_EQ(listen(socket_.get(), backlog), 0);
    socklen_t size = static_cast<socklen_t>(wanted.capacity());
    EXPECT_EQ(getsockname(socket_.get(), wanted.data(), &size), 0);
    address_ = wanted;
    port_ = wanted.port();
  }
  [[nodiscard]] const SocketAddress& address() const { return address_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] FileDescriptor accept() const {
    return FileDescriptor(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }
  void close() { socket_ = {}; }

 private:
  FileDescriptor socket_;
  SocketAddress address_;
  std::uint16_t port_ = 0;
};

/// An address that does not answer: the queue of its listener is full, and the system drops who knocks.
class Silence {
 public:
  Silence() : listener_(/*backlog=*/0) {
    for (int i = 0; i < kMoreThanAreTaken; ++i) {
      FileDescriptor& one =
          waiting_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      (void)connect(one.get(), address().data(), static_cast<socklen_t>(address().size()));
    }
  }
  [[nodiscard]] const SocketAddress& address() const { return listener_.address(); }

 private:
  static constexpr int kMoreThanAreTaken = 4;
  Listener listener_;
  std::vector<FileDescriptor> waiting_;
};

SocketAddress nobody() {
  Listener listener;
  listener.close();
  return listener.address();
}

class StreamSocketTest : public testing::Test {
 protected:
  [[nodiscard]] auto connect(const SocketAddresses& addresses, std::chrono::milliseconds time) const {
    return StreamSocket::connect(addresses, in(time), wakeUp_.fd());
  }

  std::stop_source stop_;
  const WakeUp wakeUp_{stop_.get_token()};
};

TEST_F(StreamSocketTest, TriesTheAddressesInTurn) {
  const Listener listener;
  const auto socket = connect({nobody(), listener.address(), nobody()}, 30s);
  ASSERT_TRUE(socket) << socket.error().message();
  EXPECT_TRUE(socket->isQuiet());
}

TEST_F(StreamSocketTest, TriesIpv4WhereNobodyListensOnIpv6) {
  const Listener listener;
  const tcp::endpoint six(boost::asio::ip::address_v6::loopback(), listener.port());
  const auto socket = connect({six, listener.address()}, 30s);
  ASSERT_TRUE(socket) << socket.error().message();
}

TEST_F(StreamSocketTest, AnAddressThatDoesNotAnswerLeavesTimeForTheNext) {
  const Silence silence;
  const Listener listener;
  const auto socket = connect({silence.address(), silence.address(), listener.address()}, 600ms);
  EXPECT_TRUE(socket) << socket.error().message();
}

TEST_F(StreamSocketTest, SaysWhyNoAddressWouldDo) {
  const Silence silence;
  const SocketAddress absent = boost::asio::local::stream_protocol::endpoint("/no/such/socket");
  EXPECT_EQ(connect({nobody()}, 30s).error(), boost::system::errc::connection_refused);
  EXPECT_EQ(connect({nobody(), absent}, 30s).error(), boost::system::errc::no_such_file_or_directory);
  EXPECT_EQ(connect({silence.address()}, 50ms).error(), boost::beast::error::timeout);
  EXPECT_EQ(connect({}, 30s).error(), boost::asio::error::host_not_found);
}

TEST_F(StreamSocketTest, DoesNotTakeItselfForAServer) {
  std::uint16_t lowest = 0;
  std::uint16_t highest = 0;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> lowest >> highest;
  ASSERT_LT(lowest, highest);
  // Linux goes through every other port for those who connect, and through the rest for those who listen.
  auto port = static_cast<std::uint16_t>(lowest + (highest - lowest) / 2 / 2 * 2);
  const auto address = [&] { return tcp::endpoint(boost::asio::ip::address_v4::loopback(), port); };
  while (port < highest && connect({address()}, 30s)) port += 2;
  for (int i = lowest; i < highest; ++i) {
    const auto socket = connect({address()}, 30s);
    ASSERT_FALSE(socket) << "nobody listens on port " << port << ", which it is given itself";
    ASSERT_EQ(socket.error(), boost::system::errc::connection_refused) << socket.error().message();
  }
}

TEST_F(StreamSocketTest, AStopEndsEveryWait) {
  const Silence silence;
  const Listener listener;
  auto socket = connect({listener.address()}, 30s);
  ASSERT_TRUE(socket);
  socket->begin(in(60s));
  const std::jthread stopping([&] {
    std::this_thread::sleep_for(20ms);
    stop_.request_stop();
  });
  char byte = 0;
  boost::system::error_code error;
  EXPECT_EQ(socket->read_some(boost::asio::buffer(&byte, 1), error), 0u);
  EXPECT_EQ(error, boost::asio::error::operation_aborted);
  EXPECT_EQ(connect({silence.address(), listener.address()}, 60s).error(),
            boost::asio::error::operation_aborted);
}

TEST_F(StreamSocketTest, CountsTheBytesOfEachExchange) {
  const Listener listener;
  auto socket = connect({listener.address()}, 30s);
  ASSERT_TRUE(socket);
  const FileDescriptor peer = listener.accept();
  for (int i = 0; i < 2; ++i) {
    socket->begin(in(30s));
    boost::system::error_code error;
    const std::array<boost::asio::const_buffer, 2> parts{boost::asio::buffer("ab", 2),
                                                         boost::asio::buffer("cde", 3)};
    EXPECT_EQ(socket->write_some(parts, error), 5u) << error.message();
    EXPECT_EQ(send(peer.get(), "xyz", 3, 0), 3);
    std::array<char, 8> got{};
    EXPECT_EQ(socket->read_some(boost::asio::buffer(got), error), 3u) << error.message();
    EXPECT_EQ(socket->bytesSent(), 5u);
    EXPECT_EQ(socket->bytesReceived(), 3u);
  }
}

TEST_F(StreamSocketTest, ADeadlineEndsWhatAlwaysHasMoreToRead) {
  const Listener listener;
  auto socket = connect({listener.address()}, 30s);
  ASSERT_TRUE(socket);
  const FileDescriptor peer = listener.accept();
  ASSERT_EQ(send(peer.get(), "xyz", 3, 0), 3);
  socket->begin(in(0ms));
  char byte = 0;
  boost::system::error_code error;
  EXPECT_EQ(socket->read_some(boost::asio::buffer(&byte, 1), error), 0u);
  EXPECT_EQ(error, boost::beast::error::timeout);
}

TEST_F(StreamSocketTest, IsQuietOnlyWhileNothingCameAndNothingEnded) {
  const Listener listener;
  auto first = connect({listener.address()}, 30s);
  auto second = connect({listener.address()}, 30s);
  ASSERT_TRUE(first && second);
  const FileDescriptor says = listener.accept();
  FileDescriptor ends = listener.accept();
  EXPECT_TRUE(first->isQuiet() && second->isQuiet());
  ASSERT_EQ(send(says.get(), "x", 1, 0), 1);
  ends = {};
  EXPECT_FALSE(first->isQuiet());
  EXPECT_FALSE(second->isQuiet());
}

}  // namespace
}  // namespace hydra_clients::hydra

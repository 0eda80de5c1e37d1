#include "hydra/host_lookup.h"

#include <atomic>
#include <thread>
#include <vector>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/error.hpp>
#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

SocketAddresses loopback(std::uint16_t port) {
  return {tcp::endpoint(boost::asio::ip::address_v4::loopback(), port)};
}

/// A look-up that hangs until it is let go, which the test does at its end at the latest.
class Hanging {
 public:
  ~Hanging() { letGo(); }
  [[nodiscard]] HostLookup::Ask ask() const {
    return [state = state_](const std::string&, std::uint16_t port) {
      ++state->asked;
      state->free.wait(false);
      return HostLookup::Result(loopback(port));
    };
  }
  void letGo() {
    state_->free = true;
    state_->free.notify_all();
  }
  [[nodiscard]] int asked() const { return state_->asked; }

 private:
  struct State {
    std::atomic<bool> free = false;
    std::atomic<int> asked = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

TEST(HostLookup, AsksNobodyForAnAddress) {
  for (const char* address : {"127.0.0.1", "::1"}) {
    HostLookup lookup(address, 4445, [](const std::string&, std::uint16_t) -> HostLookup::Result {
      ADD_FAILURE() << "asked";
      return tl::unexpected(boost::system::error_code());
    });
    const auto found = lookup.find(in(30s), {});
    ASSERT_TRUE(found) << found.error().message();
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front(), SocketAddress(tcp::endpoint(boost::asio::ip::make_address(address), 4445)));
  }
}

TEST(HostLookup, FindsThisMachine) {
  HostLookup lookup("localhost", 4445);
  const auto found = lookup.find(in(30s), {});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_FALSE(found->empty());
}

TEST(HostLookup, KnowsANameThatIsNobodys) {
  HostLookup lookup("no-such-host.invalid", 4445);
  const auto found = lookup.find(in(60s), {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), boost::asio::error::host_not_found);
}

TEST(HostLookup, KeepsTheDeadlineWhereTheLookUpHangs) {
  const Hanging hanging;
  HostLookup lookup("hydra", 4445, hanging.ask());
  const auto found = lookup.find(in(50ms), {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), boost::beast::error::timeout);
}

TEST(HostLookup, AStopEndsTheWait) {
  const Hanging hanging;
  HostLookup lookup("hydra", 4445, hanging.ask());
  std::stop_source stop;
  const std::jthread stopping([&] {
    while (hanging.asked() == 0) std::this_thread::sleep_for(1ms);
    stop.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto found = lookup.find(in(60s), stop.get_token());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), boost::asio::error::operation_aborted);
}

TEST(HostLookup, MakesOneLookUpForAllWhoAskMeanwhile) {
  Hanging hanging;
  HostLookup lookup("hydra", 4445, hanging.ask());
  EXPECT_FALSE(lookup.find(in(1ms), {})) << "who has not waited long enough leaves it to the next";
  while (hanging.asked() == 0) std::this_thread::sleep_for(1ms);
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        const auto found = lookup.find(in(30s), {});
        if (found && *found == loopback(4445)) ++right;
      });
    }
    std::this_thread::sleep_for(50ms);  // most of them wait by now; those who come later ask anew
    EXPECT_EQ(hanging.asked(), 1);
    hanging.letGo();
  }
  EXPECT_EQ(right, 8);
}

TEST(HostLookup, AsksAnewForTheNextConnection) {
  std::uint16_t asked = 0;
  HostLookup lookup("hydra", 4445, [&](const std::string&, std::uint16_t) { return loopback(++asked); });
  EXPECT_EQ(lookup.find(in(30s), {}), loopback(1));
  EXPECT_EQ(lookup.find(in(30s), {}), loopback(2));
}

TEST(HostLookup, MayEndBeforeTheLookUpThatHangs) {
  const Hanging hanging;
  {
    HostLookup lookup("hydra", 4445, hanging.ask());
    EXPECT_FALSE(lookup.find(in(1ms), {}));
  }
  while (hanging.asked() == 0) std::this_thread::sleep_for(1ms);
}

}  // namespace
}  // namespace hydra_clients::hydra

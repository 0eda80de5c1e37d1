#include "telemetry/own_hosts.h"

#include <gtest/gtest.h>

namespace hydra_clients::telemetry {
namespace {

TEST(OwnHosts, AreLocalhostAndAddressesWhicheverThePort) {
  const OwnHosts hosts({});
  for (const auto* own : {"", "localhost", "LOCALHOST:9464", "localhost.", "a.localhost:1", "127.0.0.1",
                          "127.0.0.1:9464", "10.1.2.3:9464", "[::1]", "[::1]:9464", "[2001:db8::1]:80"}) {
    EXPECT_TRUE(hosts.include(own)) << own;
  }
}

TEST(OwnHosts, AreNoNamesThatAnAttackersDnsMayPointHere) {
  const OwnHosts hosts({});
  for (const auto* other :
       {"evil.example", "evil.example:9464", "localhost.evil.example", "127.0.0.1.evil.example",
        "evil.example:127.0.0.1", "evillocalhost", "x", ":9464", ".", "127.1", "2130706433", "[evil.example]",
        "[::1].evil.example", "[::1", "localhost@evil.example", "evil.example\xE2\x80\x8B"}) {
    EXPECT_FALSE(hosts.include(other)) << other;
  }
}

TEST(OwnHosts, AreThoseThatAreGivenInAnyCase) {
  const OwnHosts hosts({"Status.Example.com", "hydra-clients"});
  for (const auto* own : {"status.example.com", "STATUS.example.com:443", "hydra-clients:9464"}) {
    EXPECT_TRUE(hosts.include(own)) << own;
  }
  for (const auto* other : {"a.status.example.com", "example.com", "status.example.com.evil.example"}) {
    EXPECT_FALSE(hosts.include(other)) << other;
  }
}

}  // namespace
}  // namespace hydra_clients::telemetry

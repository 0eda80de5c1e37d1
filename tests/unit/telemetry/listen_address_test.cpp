#include "telemetry/listen_address.h"

#include <gtest/gtest.h>

namespace hydra_clients::telemetry {
namespace {

std::string parsed(std::string_view text) {
  const auto endpoint = parseListenAddress(text);
  return endpoint ? endpoint->text() : endpoint.error();
}

TEST(ListenAddress, IsAnIpAddressAndAPort) {
  EXPECT_EQ(parsed("127.0.0.1:9464"), "127.0.0.1:9464");
  EXPECT_EQ(parsed("0.0.0.0:0"), "0.0.0.0:0");
  EXPECT_EQ(parsed("[::1]:65535"), "[::1]:65535");
  EXPECT_EQ(parsed("localhost:80"), "127.0.0.1:80");
  EXPECT_EQ(parsed(":9464"), "[::]:9464");
}

TEST(ListenAddress, IsAUnixSocketsPath) {
  EXPECT_EQ(parsed("unix:/run/status.sock"), "unix:/run/status.sock");
  EXPECT_EQ(parsed("unix:///run/status.sock"), "unix:/run/status.sock");
  EXPECT_EQ(parsed("unix:status.sock"), "unix:status.sock");
  EXPECT_EQ(parsed("unix:/" + std::string(106, 'x')).size(), 112U);
  EXPECT_NE(parsed("unix:/" + std::string(107, 'x')).find("at most 107 bytes, this one 108"),
            std::string::npos);
  for (const auto* wrong : {"unix:", "unix://", "unix:/run/"}) {
    EXPECT_NE(parsed(wrong).find("unix:PATH"), std::string::npos) << wrong;
  }
}

TEST(ListenAddress, ThatIsNoneSaysWhatIsExpected) {
  for (const auto* wrong : {"", "9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                            "127.0.0.1:http", "127.0.0.1:80 ", "example.com:80", "::1:80", "[127.0.0.1]:80",
                            "[]:80", "256.1.1.1:80", "http://127.0.0.1:80"}) {
    EXPECT_NE(parsed(wrong).find("expected an IP address and a port"), std::string::npos)
        << wrong << ": " << parsed(wrong);
  }
}

}  // namespace
}  // namespace hydra_clients::telemetry

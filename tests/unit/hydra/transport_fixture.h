#pragma once

// A transport of each kind against a server of the test's own: what holds for TCP holds for a unix socket,
// and for TLS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certificates.h"
#include "hydra/transport.h"
#include "test_server.h"

namespace hydra_clients::hydra {

using namespace std::chrono_literals;
using test::Connection;
using test::response;
using test::TestServer;
using testing::HasSubstr;
using Kind = TransportError::Kind;

enum class Way { kTcp, kUnix, kTls };

inline std::string nameOf(const testing::TestParamInfo<Way>& way) {
  if (way.param == Way::kTls) return "Tls";
  return way.param == Way::kTcp ? "Tcp" : "Unix";
}

/// The names of a CA's file and of those of a server that it vouches for. Made once.
struct Vouched {
  Vouched() {
    test::makeCertificate(folder.path(""),
                          {.name = "ca", .alternativeNames = "", .isAuthority = true, .issuer = ""});
    test::makeCertificate(folder.path(""),
                          {.name = "server", .alternativeNames = "IP:127.0.0.1", .issuer = "ca"});
  }
  test::TemporaryFolder folder;
  std::string ca = folder.path("ca.pem");
  test::ServerTls server{folder.path("server.pem"), folder.path("server.key"), ""};
};

inline const Vouched& vouched() {
  static const Vouched once;
  return once;
}

inline SharedSecret body(std::string text) { return std::make_shared<const Secret>(std::move(text)); }

class TransportTest : public testing::TestWithParam<Way> {
 protected:
  std::unique_ptr<Transport> serve(TestServer::Handler handler) {
    if (GetParam() == Way::kTls) {
      server_ = TestServer::tcp(std::move(handler), "127.0.0.1", vouched().server);
      options_.caFile = vouched().ca;
    } else {
      server_ = GetParam() == Way::kTcp ? TestServer::tcp(std::move(handler))
                                        : TestServer::unixSocket(std::move(handler));
    }
    return connect(server_->url());
  }

  std::unique_ptr<Transport> connect(const std::string& url) {
    options_.endpoint = Endpoint::parse(url).value();
    options_.endpoint.prefix = prefix_;
    auto transport = makeTransport(options_);
    EXPECT_TRUE(transport) << transport.error();
    return std::move(*transport);
  }

  static tl::expected<Response, TransportError> get(Transport& transport, const std::string& target = "/x") {
    return transport.send({Method::kGet, target, nullptr});
  }
  static tl::expected<Response, TransportError> post(Transport& transport, std::string text = "{}") {
    return transport.send({Method::kPost, "/admin/clients", body(std::move(text))});
  }

  static TransportError errorOf(const tl::expected<Response, TransportError>& answer) {
    EXPECT_FALSE(answer);
    return answer ? TransportError{} : answer.error();
  }

  ConnectionOptions options_;
  std::string prefix_;
  std::unique_ptr<TestServer> server_;
};

}  // namespace hydra_clients::hydra

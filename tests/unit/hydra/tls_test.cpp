// TLS: whom it trusts, and what it says where it does not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "certificates.h"
#include "hydra/transport.h"
#include "test_server.h"

namespace hydra_clients::hydra {
namespace {

using test::Connection;
using test::response;
using test::ServerTls;
using test::TestServer;
using testing::AllOf;
using testing::HasSubstr;
using Kind = TransportError::Kind;

void answerAll(Connection& connection) {
  while (connection.readRequest()) connection.write(response(200, "secure"));
}

class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TemporaryFolder>();
    const std::string at = folder_->path("");
    test::makeCertificate(at, {.name = "ca", .alternativeNames = "", .isAuthority = true, .issuer = ""});
    test::makeCertificate(at,
                          {.name = "other-ca", .alternativeNames = "", .isAuthority = true, .issuer = ""});
    test::makeCertificate(
        at, {.name = "server", .alternativeNames = "DNS:localhost,IP:127.0.0.1", .issuer = "ca"});
    test::makeCertificate(at, {.name = "self", .alternativeNames = "IP:127.0.0.1", .issuer = ""});
    test::makeCertificate(at, {.name = "elsewhere", .alternativeNames = "DNS:hydra.example", .issuer = "ca"});
    test::makeCertificate(at, {.name = "expired",
                               .alternativeNames = "IP:127.0.0.1",
                               .issuer = "ca",
                               .firstDay = -10,
                               .lastDay = -1});
    test::makeCertificate(at, {.name = "client", .alternativeNames = "", .issuer = "ca"});
    test::makeCertificate(at, {.name = "foreign-client", .alternativeNames = "", .issuer = "other-ca"});
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::string file(const std::string& name) { return folder_->path(name); }

  void serve(const std::string& certificate, const std::string& clientCa = "",
             TestServer::Handler handler = answerAll) {
    server_ = TestServer::tcp(std::move(handler), "127.0.0.1",
                              ServerTls{file(certificate + ".pem"), file(certificate + ".key"), clientCa});
    options_.endpoint = Endpoint::parse(server_->url()).value();
    options_.caFile = file("ca.pem");
    options_.timeout = std::chrono::seconds(5);
  }

  tl::expected<Response, TransportError> get() const {
    const auto transport = makeTransport(options_);
    EXPECT_TRUE(transport) << transport.error();
    return (*transport)->send({Method::kGet, "/x", nullptr});
  }

  TransportError refusal() const {
    const auto answer = get();
    EXPECT_FALSE(answer);
    return answer ? TransportError{} : answer.error();
  }

  static std::unique_ptr<test::TemporaryFolder> folder_;
  std::unique_ptr<TestServer> server_;
  ConnectionOptions options_;
};

std::unique_ptr<test::TemporaryFolder> TlsTest::folder_;

TEST_F(TlsTest, CutsOffAStatusLineThatNeverEnds) {
  serve("server", "", [](Connection& connection) {
    if (!connection.readRequest()) return;
    connection.write("HTTP/1.1 200 ");
    const std::string block(64 << 10, 'x');
    for (int i = 0; i < 16'384 && connection.write(block); ++i) {
    }
  });
  options_.maxResponseBytes = 100'000;
  options_.timeout = std::chrono::seconds(60);
  const auto error = refusal();
  EXPECT_EQ(error.kind, Kind::kTooLarge) << error.message;
}

TEST_F(TlsTest, SpeaksToAServerWhoseCaIsGiven) {
  serve("server");
  const auto answer = get();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "secure");
}

TEST_F(TlsTest, ChecksAHostNameToo) {
  serve("server");
  options_.endpoint.host = "localhost";
  const auto answer = get();
  EXPECT_TRUE(answer) << answer.error().message;
}

TEST_F(TlsTest, KeepsTlsConnectionsAndNeverSendsAPostTwice) {
  std::atomic<int> posts = 0;
  serve("server");
  server_ = TestServer::tcp(
      [&](Connection& connection) {
        for (int i = 0;; ++i) {
          const auto request = connection.readRequest();
          if (!request) return;
          if (request->method == "POST" && (++posts, i > 3)) return;
          connection.write(response(200, "ok"));
        }
      },
      "127.0.0.1", ServerTls{file("server.pem"), file("server.key"), ""});
  options_.endpoint = Endpoint::parse(server_->url()).value();
  const auto transport = makeTransport(options_).value();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(transport->send({Method::kGet, "/x", nullptr}));
  EXPECT_EQ(server_->connections(), 1);
  const auto answer =
      transport->send({Method::kPost, "/x", std::make_shared<const Secret>(std::string("{}"))});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::kClosed) << answer.error().message;
  EXPECT_TRUE(answer.error().mayHaveArrived);
  EXPECT_EQ(posts, 1);
}

TEST_F(TlsTest, DoesNotReadARecordThatCameRightBehindAnAnswerAsTheNext) {
  serve("server", "", [](Connection& connection) {
    while (const auto request = connection.readRequest())
      connection.writeTogether({response(200, request->target), response(200, "stray")});
  });
  const auto transport = makeTransport(options_).value();
  for (const char* target : {"/one", "/two", "/three"}) {
    const auto answer = transport->send({Method::kGet, target, nullptr});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, target);
  }
}

TEST_F(TlsTest, RefusesACertificateThatNobodyVouchesFor) {
  serve("self");
  const auto error = refusal();
  EXPECT_EQ(error.kind, Kind::kTls);
  EXPECT_FALSE(error.mayHaveArrived);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr(server_->url()), HasSubstr("not signed by a CA"), HasSubstr("--ca-file")));
}

TEST_F(TlsTest, TheGivenCaReplacesTheOthers) {
  serve("server");
  options_.caFile = file("other-ca.pem");
  EXPECT_THAT(refusal().message, HasSubstr("not signed by a CA"));
  options_.caFile = "";
  EXPECT_THAT(refusal().message, HasSubstr("not signed by a CA"));
}

TEST_F(TlsTest, RefusesACertificateOfAnotherNameAndSaysWhose) {
  serve("elsewhere");
  const auto error = refusal();
  EXPECT_EQ(error.kind, Kind::kTls);
  EXPECT_THAT(error.message, AllOf(HasSubstr("made out to hydra.example"), HasSubstr("not to 127.0.0.1")));
}

TEST_F(TlsTest, RefusesAnExpiredCertificateAndSaysSince) {
  serve("expired");
  const auto error = refusal();
  EXPECT_EQ(error.kind, Kind::kTls);
  EXPECT_THAT(error.message, AllOf(HasSubstr("expired"), HasSubstr("GMT")));
}

TEST_F(TlsTest, SkipsTheChecksWhereToldTo) {
  for (const char* certificate : {"self", "elsewhere", "expired"}) {
    serve(certificate);
    options_.caFile = "";
    options_.skipTlsVerify = true;
    const auto answer = get();
    EXPECT_TRUE(answer) << certificate << ": " << answer.error().message;
  }
}

TEST_F(TlsTest, ShowsAClientCertificate) {
  serve("server", file("ca.pem"));
  options_.clientCertFile = file("client.pem");
  options_.clientKeyFile = file("client.key");
  const auto answer = get();
  EXPECT_TRUE(answer) << answer.error().message;
}

TEST_F(TlsTest, SaysThatAClientCertificateIsAskedFor) {
  serve("server", file("ca.pem"));
  const auto error = refusal();
  EXPECT_EQ(error.kind, Kind::kTls) << error.message;
  EXPECT_FALSE(error.mayHaveArrived);
  EXPECT_THAT(error.message, HasSubstr("--tls-cert"));
}

TEST_F(TlsTest, SaysThatTheClientCertificateIsNotTaken) {
  serve("server", file("ca.pem"));
  options_.clientCertFile = file("foreign-client.pem");
  options_.clientKeyFile = file("foreign-client.key");
  const auto error = refusal();
  EXPECT_EQ(error.kind, Kind::kTls) << error.message;
  EXPECT_THAT(error.message, HasSubstr("does not accept the client certificate"));
}

TEST_F(TlsTest, SaysThatThePortSpeaksPlainHttp) {
  server_ = TestServer::tcp([](Connection& connection) {
    connection.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    connection.waitForEnd();
  });
  options_.endpoint = Endpoint::parse("https://127.0.0.1:" + std::to_string(server_->port())).value();
  const auto error = refusal();
  EXPECT_EQ(error.kind, Kind::kTls) << error.message;
  EXPECT_FALSE(error.mayHaveArrived);
  EXPECT_THAT(error.message, HasSubstr("http://"));
}

TEST_F(TlsTest, AHandshakeThatIsCutMayBeTriedAgain) {
  server_ = TestServer::tcp([](Connection&) {});
  options_.endpoint = Endpoint::parse("https://127.0.0.1:" + std::to_string(server_->port())).value();
  const auto error = refusal();
  EXPECT_EQ(error.kind, Kind::kConnect) << error.message;
  EXPECT_FALSE(error.mayHaveArrived);
}

TEST_F(TlsTest, TellsFilesThatCannotBeUsedBeforeTheFirstRequest) {
  options_.endpoint = Endpoint::parse("https://127.0.0.1:1").value();
  const auto complaint = [&] {
    const auto transport = makeTransport(options_);
    EXPECT_FALSE(transport);
    return transport ? std::string() : transport.error();
  };
  options_.caFile = file("absent.pem");
  EXPECT_THAT(complaint(), HasSubstr("absent.pem"));
  options_.caFile = "";
  options_.clientCertFile = file("client.pem");
  EXPECT_THAT(complaint(), HasSubstr("both --tls-cert and --tls-key"));
  options_.clientKeyFile = file("client.pem");
  EXPECT_THAT(complaint(), HasSubstr("private key"));
}

TEST_F(TlsTest, SaysThatAKeyDoesNotBelongToTheCertificate) {
  serve("server");
  options_.clientCertFile = file("client.pem");
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> rsa(EVP_RSA_gen(1024), EVP_PKEY_free);
  const std::unique_ptr<BIO, int (*)(BIO*)> pem(BIO_new_file(file("rsa.key").c_str(), "w"), BIO_free);
  ASSERT_EQ(PEM_write_bio_PrivateKey(pem.get(), rsa.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
  ASSERT_EQ(BIO_flush(pem.get()), 1);
  for (const char* key : {"foreign-client.key", "rsa.key"}) {
    options_.clientKeyFile = file(key);
    const auto transport = makeTransport(options_);
    ASSERT_FALSE(transport) << key;
    EXPECT_THAT(transport.error(), HasSubstr(std::string(key) + " does not belong to the certificate in " +
                                             options_.clientCertFile));
  }
}

TEST_F(TlsTest, SaysThatACertificateIsNotValidYet) {
  test::makeCertificate(
      file(""),
      {.name = "early", .alternativeNames = "IP:127.0.0.1", .issuer = "ca", .firstDay = 1, .lastDay = 2});
  serve("early");
  EXPECT_THAT(refusal().message, HasSubstr("not valid yet: are both clocks right?"));
}

TEST_F(TlsTest, ShowsTheNamesOfACertificateOfAnyKind) {
  test::makeCertificate(file(""),
                        {.name = "many",
                         .alternativeNames = "DNS:a.example,email:root@b.example,IP:10.0.0.1,IP:2001:db8::1",
                         .issuer = "ca"});
  serve("many");
  EXPECT_THAT(refusal().message, AllOf(HasSubstr("a.example"), HasSubstr("10.0.0.1"),
                                       testing::Not(HasSubstr("root@b.example"))));
  test::makeCertificate(file(""), {.name = "nameless", .alternativeNames = "", .issuer = "ca"});
  serve("nameless");
  EXPECT_THAT(refusal().message, HasSubstr("made out to no name"));
}

}  // namespace
}  // namespace hydra_clients::hydra

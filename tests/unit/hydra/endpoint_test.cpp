#include "hydra/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

using testing::HasSubstr;
using testing::Not;
using Scheme = Endpoint::Scheme;

Endpoint parse(std::string_view url) {
  const auto endpoint = Endpoint::parse(url);
  EXPECT_TRUE(endpoint) << url << ": " << endpoint.error();
  return endpoint.value_or(Endpoint{});
}

std::string complaint(std::string_view url) {
  const auto endpoint = Endpoint::parse(url);
  EXPECT_FALSE(endpoint) << url;
  return endpoint ? std::string() : endpoint.error();
}

TEST(Endpoint, TakesHttpWithAndWithoutPort) {
  const Endpoint endpoint = parse("http://hydra.example:4445");
  EXPECT_EQ(endpoint.scheme, Scheme::kHttp);
  EXPECT_EQ(endpoint.host, "hydra.example");
  EXPECT_EQ(endpoint.port, 4445);
  EXPECT_EQ(endpoint.prefix, "");
  EXPECT_EQ(parse("http://h").port, 80);
  EXPECT_EQ(parse("https://h").port, 443);
  EXPECT_EQ(parse("HTTPS://Hydra.Example").scheme, Scheme::kHttps);
  EXPECT_EQ(parse("HTTPS://Hydra.Example").host, "hydra.example");
}

TEST(Endpoint, TakesAPrefixWithoutItsTrailingSlash) {
  EXPECT_EQ(parse("http://h/").prefix, "");
  EXPECT_EQ(parse("http://h:1/a/b//").prefix, "/a/b");
  EXPECT_EQ(parse("http://h:1/a%20b").prefix, "/a%20b");
}

TEST(Endpoint, TakesIpv6InBrackets) {
  const Endpoint endpoint = parse("http://[::1]:4445/x");
  EXPECT_EQ(endpoint.host, "::1");
  EXPECT_EQ(endpoint.port, 4445);
  EXPECT_EQ(endpoint.text(), "http://[::1]:4445/x");
  EXPECT_EQ(parse("https://[2001:db8::1]").port, 443);
}

TEST(Endpoint, TakesUnixSocketsInBothForms) {
  for (const char* url : {"unix:///run/hydra.sock", "unix:/run/hydra.sock"}) {
    const Endpoint endpoint = parse(url);
    EXPECT_EQ(endpoint.scheme, Scheme::kUnix);
    EXPECT_EQ(endpoint.socketPath, "/run/hydra.sock");
    EXPECT_EQ(endpoint.text(), "unix:///run/hydra.sock");
  }
}

TEST(Endpoint, KnowsLoopback) {
  for (const char* url : {"http://127.0.0.1:1", "http://127.9.9.9", "http://localhost", "http://[::1]",
                          "http://a.localhost", "unix:///x"}) {
    EXPECT_TRUE(parse(url).isLoopback()) << url;
  }
  for (const char* url :
       {"http://10.0.0.1", "http://hydra", "http://localhost.example", "http://127.0.0.1.example"}) {
    EXPECT_FALSE(parse(url).isLoopback()) << url;
  }
}

TEST(Endpoint, TextLeavesOutTheDefaultPort) {
  EXPECT_EQ(parse("http://h:80/p").text(), "http://h/p");
  EXPECT_EQ(parse("https://h:443").text(), "https://h");
  EXPECT_EQ(parse("https://h:80").text(), "https://h:80");
}

TEST(Endpoint, AuthorityIsHostAndPortAsAUrlHasThem) {
  EXPECT_EQ(parse("http://h:4445/p").authority(), "h:4445");
  EXPECT_EQ(parse("http://h:80/p").authority(), "h");
  EXPECT_EQ(parse("https://h:80").authority(), "h:80");
  EXPECT_EQ(parse("http://[::1]:4445").authority(), "[::1]:4445");
  EXPECT_EQ(parse("unix:///x").authority(), "");
}

TEST(Endpoint, SaysWhatAUrlShouldLookLike) {
  for (const char* url : {"", "localhost:4445", "ftp://h", "http:/h", "http:h", "://", "4445"}) {
    EXPECT_THAT(complaint(url), HasSubstr("http://localhost:4445")) << url;
  }
}

TEST(Endpoint, SaysWhatToWriteInsteadOfWhatPeoplePaste) {
  const std::pair<const char*, const char*> pasted[] = {
      {"hydra.internal:4445", "write http://hydra.internal:4445"},
      {"hydra", "write http://hydra:4445"},
      {"hydra/prefix", "write http://hydra/prefix"},
      {"htp://hydra:4445", "write http://hydra:4445"},
      {"htps://hydra", "write https://hydra"},
      {"/run/hydra/admin.sock", "write unix:///run/hydra/admin.sock"},
      {"./admin.sock", "write unix:///PATH/TO/SOCKET"},
      {"http://localhost:4445/admin/clients", "without /admin/clients; write http://localhost:4445"},
      {"http://localhost:4445/admin/clients/", "without /admin/clients; write http://localhost:4445"},
      {"https://h/prefix/clients", "without /clients; write https://h/prefix"},
      {"http://localhost:4445/health/ready", "without /health/ready; write http://localhost:4445"},
  };
  for (const auto& [url, says] : pasted) EXPECT_THAT(complaint(url), HasSubstr(says));
}

TEST(Endpoint, RepeatsNoCredentialsOfAUrlWithoutAScheme) {
  for (const char* url : {"admin:hunter2@hydra:4445", "htp://admin:hunter2@hydra"}) {
    EXPECT_THAT(complaint(url), Not(HasSubstr("hunter2"))) << url;
  }
}

TEST(Endpoint, RefusesWhatCannotBeMeant) {
  EXPECT_THAT(complaint("http://"), HasSubstr("no host"));
  EXPECT_THAT(complaint("http://:4445"), HasSubstr("no host"));
  EXPECT_THAT(complaint("http://h:0"), HasSubstr("1 to 65535"));
  EXPECT_THAT(complaint("http://h:65536"), HasSubstr("1 to 65535"));
  EXPECT_THAT(complaint("http://h:"), HasSubstr("1 to 65535"));
  EXPECT_THAT(complaint("http://h:+1"), HasSubstr("1 to 65535"));
  EXPECT_THAT(complaint("http://::1:4445"), HasSubstr("brackets"));
  EXPECT_THAT(complaint("http://[::1:4445"), HasSubstr("closing bracket"));
  EXPECT_THAT(complaint("http://[h]:4445"), HasSubstr("not an IPv6 address"));
  EXPECT_THAT(complaint("http://[::1]x"), HasSubstr(":PORT"));
  EXPECT_THAT(complaint("http://h?x=1"), HasSubstr("query"));
  EXPECT_THAT(complaint("http://h/#x"), HasSubstr("fragment"));
  EXPECT_THAT(complaint("http://a b/"), HasSubstr("host"));
  EXPECT_THAT(complaint("http://b\xc3\xbc"
                        "cher/"),
              HasSubstr("xn--"));
  EXPECT_THAT(complaint("http://h/a b"), HasSubstr("percent-encoded"));
  EXPECT_THAT(complaint("http://h/%zz"), HasSubstr("percent-encoded"));
  EXPECT_THAT(complaint("unix:relative"), HasSubstr("absolute"));
  EXPECT_THAT(complaint("unix:///" + std::string(200, 'x')), HasSubstr("107"));
}

TEST(Endpoint, RefusesCredentialsInTheUrlWithoutRepeatingThem) {
  const std::string error = complaint("https://admin:hunter2@hydra.example");
  EXPECT_THAT(error, HasSubstr("--access-token-file"));
  EXPECT_THAT(error, Not(HasSubstr("hunter2")));
  EXPECT_THAT(error, Not(HasSubstr("admin:")));
}

TEST(Endpoint, RefusesEscapesThatAreCutOrStrange) {
  for (const char* url : {"http://h/%4", "http://h/%", "http://h/%4z", "http://h/%z4"}) {
    EXPECT_THAT(complaint(url), HasSubstr("percent-encoded")) << url;
  }
}

TEST(Endpoint, TakesBlanksAroundTheUrlAsACopyLeavesThem) {
  EXPECT_EQ(parse(" \thttp://h:4445\n").text(), "http://h:4445");
}

TEST(Endpoint, RepeatsASocketsPathOnlyWhereItHoldsNoCredential) {
  EXPECT_THAT(complaint("unix:run/hydra.sock"), HasSubstr("absolute: unix:///run/hydra.sock"));
  for (const char* url : {"unix:user:hunter2@h", "unix:hunter2\x1b[2J"}) {
    EXPECT_THAT(complaint(url), Not(HasSubstr("hunter2"))) << url;
  }
  EXPECT_THAT(complaint(std::string_view("unix:///a\0b", 11)), HasSubstr("NUL"));
}

TEST(Endpoint, RefusesAHostLongerThanTheSystemOfNamesTakes) {
  EXPECT_THAT(complaint("http://" + std::string(254, 'h')), HasSubstr("host"));
  EXPECT_EQ(parse("http://" + std::string(253, 'h')).host.size(), 253U);
  EXPECT_THAT(complaint(std::string(300, 'h')), Not(HasSubstr("hhh"))) << "nor is it shown";
}

TEST(Endpoint, WantsTwoSlashesAfterTheScheme) {
  for (const char* url : {"http", "https:", "http:/h"}) {
    EXPECT_THAT(complaint(url), HasSubstr("\"//\" must follow")) << url;
  }
}

TEST(Endpoint, SuggestsNothingWhereNothingCanBeMeant) {
  for (const char* url : {":::", "a b", "h:1:2", "4445", "gopher://h", "h\xc3\xa9"}) {
    EXPECT_THAT(complaint(url), HasSubstr("must begin with http://")) << url;
  }
}

}  // namespace
}  // namespace hydra_clients::hydra

#include "hydra/curl.h"

#include <gmock/gmock.h>

#include "connection_to.h"

namespace hydra_clients::hydra {
namespace {

using test::connectionTo;
using testing::HasSubstr;
using testing::Not;

std::string commandOf(const ConnectionOptions& options) {
  return Curl(options).command("", "/admin/clients/a");
}

TEST(ShellWord, IsQuotedOnlyWhereAShellWouldReadIt) {
  EXPECT_EQ(shellWord("a/b.json"), "a/b.json");
  EXPECT_EQ(shellWord(""), "''");
  EXPECT_EQ(shellWord("$(x)"), "'$(x)'");
  EXPECT_EQ(shellWord("it's"), R"('it'\''s')");
  EXPECT_EQ(shellWord("-rf"), "'-rf'");
  EXPECT_EQ(shellWord("grün"), "'grün'");
  EXPECT_EQ(shellPath("-rf"), "./-rf");
}

TEST(ShellWord, CanBeShownWhateverItSays) {
  EXPECT_EQ(shellWord("a\x1b[31m%s'.json"), R"x("$(printf 'a\033[31m\045s\047.json')")x");
  EXPECT_EQ(shellWord("-\n"), R"x("$(printf '\055\012')")x");
}

TEST(Curl, KeepsThePathOfTheEndpoint) {
  EXPECT_EQ(Curl(connectionTo("http://h:4445/hydra")).command("--fail", "/clients/a"),
            "curl --silent --show-error --fail http://h:4445/hydra/clients/a");
}

TEST(Curl, GoesThroughAUnixSocket) {
  EXPECT_THAT(commandOf(connectionTo("unix:///run/my hydra.sock")),
              HasSubstr(" --unix-socket '/run/my hydra.sock' http://unix/admin/clients/a"));
}

TEST(Curl, TrustsWhatTheProgramTrusts) {
  ConnectionOptions options = connectionTo("https://h");
  options.caFile = "/etc/ca.pem";
  options.clientCertFile = "me.pem";
  options.clientKeyFile = "-me.key";
  options.skipTlsVerify = true;
  EXPECT_THAT(commandOf(options),
              HasSubstr(" --cacert /etc/ca.pem --cert me.pem --key ./-me.key --insecure https://h"));
}

TEST(Curl, HoldsNoCredential) {
  ConnectionOptions options = connectionTo("http://h");
  options.accessToken = std::make_shared<const Secret>("the-token");
  options.headers = {{"X-Api-Key", std::make_shared<const Secret>("the-key")}};
  options.fakeTlsTermination = true;
  const std::string command = commandOf(options);
  EXPECT_THAT(command, HasSubstr(R"(--header "Authorization: Bearer $OAUTH2_ACCESS_TOKEN")"));
  EXPECT_THAT(command, HasSubstr("--header 'X-Api-Key: …' --header 'X-Forwarded-Proto: https'"));
  EXPECT_THAT(command, Not(HasSubstr("the-")));
}

TEST(Curl, ReadsTheTokenFromItsFileWhenItRuns) {
  ConnectionOptions options = connectionTo("http://h");
  options.accessTokenFile = "/run/token";
  EXPECT_THAT(commandOf(options), HasSubstr(R"x(--header "Authorization: Bearer $(cat /run/token)")x"));
}

}  // namespace
}  // namespace hydra_clients::hydra

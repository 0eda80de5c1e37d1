// The access token's file, and headers that could not be sent as they are.

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hydra/outgoing_headers.h"
#include "test_server.h"

namespace hydra_clients::hydra {
namespace {

using testing::HasSubstr;

SharedSecret secret(std::string text) { return std::make_shared<const Secret>(std::move(text)); }

std::string authorization(OutgoingHeaders& headers) {
  std::string found;
  headers.forEach(false, [&](std::string_view name, std::string_view value) {
    if (name == "Authorization") found = value;
  });
  return found;
}

std::string complaint(const ConnectionOptions& options) {
  const auto made = OutgoingHeaders::make(options);
  EXPECT_FALSE(made);
  return made ? std::string() : made.error();
}

TEST(AccessTokenFile, IsReadAgainWhenItChanges) {
  const test::TemporaryFolder folder;
  ConnectionOptions options;
  options.accessTokenFile = folder.path("token");
  options.accessToken = secret("from-the-flag");
  test::writeFile(options.accessTokenFile, "one\n");
  const auto headers = OutgoingHeaders::make(options).value();
  EXPECT_EQ(authorization(*headers), "Bearer one");

  test::writeFile(folder.path("next"), "two");
  std::filesystem::rename(folder.path("next"), options.accessTokenFile);
  EXPECT_EQ(authorization(*headers), "Bearer two");
  test::writeFile(options.accessTokenFile, "three!");
  EXPECT_EQ(authorization(*headers), "Bearer three!");
}

TEST(AccessTokenFile, ThatIsGoneOrEmptyForAMomentLeavesTheLastGoodTokenInForce) {
  const test::TemporaryFolder folder;
  ConnectionOptions options;
  options.accessTokenFile = folder.path("token");
  test::writeFile(options.accessTokenFile, "one");
  const auto headers = OutgoingHeaders::make(options).value();
  test::writeFile(options.accessTokenFile, "");
  EXPECT_EQ(authorization(*headers), "Bearer one");
  std::filesystem::remove(options.accessTokenFile);
  EXPECT_EQ(authorization(*headers), "Bearer one");
  test::writeFile(options.accessTokenFile, "two");
  EXPECT_EQ(authorization(*headers), "Bearer two");
}

TEST(AccessTokenFile, ThatWasReplacedLeavesNeitherTokenInAnAnswer) {
  const test::TemporaryFolder folder;
  ConnectionOptions options;
  options.accessTokenFile = folder.path("token");
  test::writeFile(options.accessTokenFile, "the-first");
  const auto headers = OutgoingHeaders::make(options).value();
  test::writeFile(options.accessTokenFile, "the-second");
  Response response;
  response.status = 403;
  response.body = "the-first, the-second";
  headers->withholdFrom(response);
  EXPECT_EQ(response.body, "[withheld], [withheld]");
}

TEST(AccessTokenFile, ThatCannotBeReadAtTheStartIsAnErrorThatNamesIt) {
  const test::TemporaryFolder folder;
  ConnectionOptions options;
  options.accessTokenFile = folder.path("absent");
  EXPECT_THAT(complaint(options), HasSubstr(options.accessTokenFile));
  options.accessTokenFile = folder.path("");
  EXPECT_THAT(complaint(options), HasSubstr("not a regular file"));
  options.accessTokenFile = folder.path("token");
  test::writeFile(options.accessTokenFile, " \n");
  EXPECT_THAT(complaint(options), HasSubstr("empty"));
  test::writeFile(options.accessTokenFile, "secret-a\nsecret-b");
  EXPECT_THAT(complaint(options), HasSubstr("more than one line"));
  EXPECT_THAT(complaint(options), testing::Not(HasSubstr("secret-")));
}

TEST(OwnHeaders, ThatCouldNotBeSentAsTheyAreAreRefused) {
  ConnectionOptions options;
  options.headers = {{"Bad Name", secret("x")}};
  EXPECT_THAT(complaint(options), HasSubstr("Bad Name"));
  options.headers = {{"X-Split", secret("a\r\nX-Other: b")}};
  EXPECT_THAT(complaint(options), HasSubstr("control character"));
  options.headers = {{"content-length", secret("1")}};
  EXPECT_THAT(complaint(options), HasSubstr("by the program itself"));
  options.headers = {{"authorization", secret("Basic x")}};
  options.accessToken = secret("y");
  EXPECT_THAT(complaint(options), HasSubstr("leave one out"));
  options.headers.clear();
  options.accessToken = secret("a\nb");
  EXPECT_THAT(complaint(options), HasSubstr("line break"));
}

TEST(AccessTokenFile, ThatIsTooLargeIsRefused) {
  const test::TemporaryFolder folder;
  ConnectionOptions options;
  options.accessTokenFile = folder.path("token");
  test::writeFile(options.accessTokenFile, std::string((64 << 10) + 1, 'x'));
  EXPECT_THAT(complaint(options), HasSubstr("over 64 KiB"));
  test::writeFile(options.accessTokenFile, std::string(64 << 10, 'x'));
  EXPECT_TRUE(OutgoingHeaders::make(options));
}

TEST(AccessTokenFile, MayHaveBlanksAroundTheToken) {
  const test::TemporaryFolder folder;
  ConnectionOptions options;
  options.accessTokenFile = folder.path("token");
  test::writeFile(options.accessTokenFile, " \n\tone\r\n");
  EXPECT_EQ(authorization(*OutgoingHeaders::make(options).value()), "Bearer one");
}

TEST(OwnHeaders, WinOverWhatTheProgramWouldSend) {
  ConnectionOptions options;
  options.fakeTlsTermination = true;
  options.accessToken = secret("");  // as an empty variable gives it: none
  options.headers = {{"ACCEPT", secret("*/*")},
                     {"User-Agent", secret("curl")},
                     {"X-Forwarded-Proto", secret("http")},
                     {"X-Empty", nullptr}};
  const auto headers = OutgoingHeaders::make(options).value();
  std::string sent;
  headers->forEach(true, [&](std::string_view name, std::string_view value) {
    sent += std::string(name) + ": " + std::string(value) + "\n";
  });
  EXPECT_EQ(sent,
            "Content-Type: application/json\nACCEPT: */*\nUser-Agent: curl\nX-Forwarded-Proto: http\n"
            "X-Empty: \n");
}

TEST(OwnHeaders, AreWithheldFromAPageButNotFromData) {
  ConnectionOptions options;
  options.headers = {{"X-Key", secret("the-own-key")}, {"X-Empty", nullptr}, {"X-None", secret("")}};
  const auto headers = OutgoingHeaders::make(options).value();
  struct Case {
    int status;
    std::string body;
    std::string left;
  };
  const std::string data = R"({"a":"the-own-key"})";
  for (const auto& [status, body, left] : std::initializer_list<Case>{{200, "the-own-key", "[withheld]"},
                                                                      {200, data, data},
                                                                      {200, " [1]", " [1]"},
                                                                      {200, " ", " "},
                                                                      {400, data, R"({"a":"[withheld]"})"}}) {
    Response response;
    response.status = status;
    response.body = body;
    headers->withholdFrom(response);
    EXPECT_EQ(response.body, left);
  }
}

TEST(OwnHeaders, ExcludeATokenWhereTheyHoldACredential) {
  ConnectionOptions options;
  options.headers = {{"Authorization", secret("Basic x")}};
  EXPECT_EQ(mistakeIn(options), std::nullopt);
  options.accessTokenFile = "/token";
  EXPECT_THAT(mistakeIn(options).value_or(""), HasSubstr("leave one out"));
  options.headers = {{"", secret("x")}};
  EXPECT_THAT(mistakeIn(options).value_or(""), HasSubstr("cannot be a header's name"));
}

TEST(ResponseHeaders, CountClientsOnlyByAWholeNumber) {
  const auto counted = [](const std::string& total) {
    return readResponseHeaders(
               [&](const char* name) { return std::string(name) == "X-Total-Count" ? total : std::string(); })
        .totalCount;
  };
  EXPECT_EQ(counted("12"), 12U);
  for (const char* strange : {"", "12x", "-1", "99999999999999999999999"}) {
    EXPECT_EQ(counted(strange), std::nullopt) << strange;
  }
}

}  // namespace
}  // namespace hydra_clients::hydra

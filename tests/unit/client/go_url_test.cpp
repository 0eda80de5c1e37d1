// A few of what tests/oracle/uris holds against Go itself, as examples.

#include "client/go_url.h"

#include <gmock/gmock.h>

namespace hydra_clients {
namespace {

using testing::HasSubstr;

GoUrl request(std::string_view text) {
  const auto parsed = GoUrl::parseRequestUri(text);
  EXPECT_TRUE(parsed) << text << ": " << parsed.error();
  return parsed.value_or(GoUrl{});
}

TEST(GoUrl, TakesAUrlApart) {
  const GoUrl url = *GoUrl::parse("HTTPS://u:p@App.Example:8443/a%20b?x=1#part");
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.userinfo, "u:p");
  EXPECT_EQ(url.hostname(), "App.Example");
  EXPECT_EQ(url.port(), "8443");
  EXPECT_EQ(url.path, "/a b");
  EXPECT_EQ(url.query, "x=1");
  EXPECT_EQ(url.fragment, "part");
}

TEST(GoUrl, KeepsWhatFollowsASchemeWithoutASlashAsItIs) {
  EXPECT_EQ(request("localhost:8080/cb").opaque, "8080/cb");
  EXPECT_EQ(request("urn:ietf:wg:oauth:2.0:oob").opaque, "ietf:wg:oauth:2.0:oob");
}

TEST(GoUrl, TakesBracketsOffAHostname) {
  EXPECT_EQ(request("https://[fe80::1%25en0]:80/").hostname(), "fe80::1%en0");
  EXPECT_EQ(request("https://[::1]").port(), "");
}

TEST(GoUrl, OfARequestMustBeAbsolute) {
  EXPECT_THAT(GoUrl::parseRequestUri("cb").error(), HasSubstr("not absolute"));
  EXPECT_EQ(request("//host/x").path, "//host/x");
  EXPECT_TRUE(GoUrl::parse("cb"));
}

TEST(GoUrl, SaysWhatIsWrong) {
  for (const auto& [text, words] :
       {std::pair{"https://a.example:x/", "port"}, std::pair{"https://a b/", "host"},
        std::pair{"https://a/%zz", "hexadecimal"}, std::pair{"https://[name]/", "IPv6"},
        std::pair{":8080/", "no scheme"}, std::pair{"https://\xC3\xA9@a/", "user"},
        std::pair{"https://a/\x01", "control"}, std::pair{"", "empty"}}) {
    const auto parsed = GoUrl::parseRequestUri(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error(), HasSubstr(words)) << text;
  }
}

}  // namespace
}  // namespace hydra_clients

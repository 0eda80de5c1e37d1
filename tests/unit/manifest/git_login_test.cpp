#include "manifest/sources/fetch/git_login.h"

#include <gmock/gmock.h>

namespace hydra_clients::manifest {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kUrl = "https://git.example.org/team/clients.git";

/// "user password" of a file's content, or the error.
std::string login(const char* url, std::string content) {
  auto found = loginFor(*GitUrl::parse(url), Secret(std::move(content)));
  if (!found) return "error: " + found.error();
  return found->user + ' ' + std::string(found->password.reveal(Purpose::kComparison));
}

TEST(GitLogin, IsALineWithUserAndPassword) {
  EXPECT_EQ(login(kUrl, "me:secret"), "me secret");
  EXPECT_EQ(login(kUrl, "me:with:colons%41\r\n"), "me with:colons%41");
  EXPECT_EQ(login(kUrl, ":secret\n"), " secret");
}

TEST(GitLogin, IsABareToken) { EXPECT_EQ(login(kUrl, "a-token\n"), "x-access-token a-token"); }

TEST(GitLogin, IsTheLineForTheServerInACredentialStore) {
  const std::string store =
      "# not a line of it\n"
      "https://wrong:one@other.example.org\n"
      "http://wrong:two@git.example.org\n"
      "https://wrong:three@git.example.org:8443\r\n"
      "https://a%40b:p%3A%2F%20%zz@Git.Example.org/some/path\n"
      "https://wrong:five@git.example.org\n";
  EXPECT_EQ(login(kUrl, store), "a@b p:/ %zz");
  EXPECT_EQ(login("https://git.example.org:8443/x", store), "wrong three");
  EXPECT_EQ(login("http://git.example.org:80/x", store), "wrong two");
}

TEST(GitLogin, ThatIsNotThereIsAnErrorThatRepeatsNothing) {
  for (const auto& [content, says] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "is empty"},
           {"\n\n", "is empty"},
           {"hidden\nhidden", "2 lines that are no URLs"},
           {"https://hidden:hidden@other.example.org", "holds no login for https://git.example.org"},
           {"https://hidden@git.example.org", "https://USER:PASSWORD@git.example.org"},
           {"https://git.example.org", "holds no login"}}) {
    const std::string error = login(kUrl, content);
    EXPECT_THAT(error, HasSubstr("error: "));
    EXPECT_THAT(error, HasSubstr(says));
    EXPECT_THAT(error, Not(HasSubstr("hidden")));
  }
}

}  // namespace
}  // namespace hydra_clients::manifest

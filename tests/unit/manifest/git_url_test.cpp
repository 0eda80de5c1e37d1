#include "manifest/sources/fetch/git_url.h"

#include <gmock/gmock.h>

namespace hydra_clients::manifest {
namespace {

using Scheme = GitUrl::Scheme;
using testing::HasSubstr;
using testing::Not;

struct Row {
  const char* text;
  Scheme scheme;
  const char* user;
  const char* host;
  int port;
};

TEST(GitUrl, IsReadInTheFormsThatGitTakes) {
  for (const Row& row : std::initializer_list<Row>{
           {"https://git.example.org/team/clients.git", Scheme::kHttps, "", "git.example.org", 443},
           {"HTTPS://Git.Example.org:8443/x", Scheme::kHttps, "", "git.example.org", 8443},
           {"http://127.0.0.1:3000/x", Scheme::kHttp, "", "127.0.0.1", 3000},
           {"ssh://git@git.example.org/x.git", Scheme::kSsh, "git", "git.example.org", 22},
           {"ssh://git.example.org:2222/~/x.git", Scheme::kSsh, "", "git.example.org", 2222},
           {"ssh://git@[::1]:2222/x", Scheme::kSsh, "git", "::1", 2222},
           {"git@git.example.org:team/clients.git", Scheme::kSsh, "git", "git.example.org", 22},
           {"git.example.org:/srv/x", Scheme::kSsh, "", "git.example.org", 22},
           {"file:///srv/clients.git", Scheme::kFile, "", "", 0},
           {"file://localhost/srv/clients.git", Scheme::kFile, "", "localhost", 0}}) {
    const auto url = GitUrl::parse(row.text);
    ASSERT_TRUE(url) << row.text << ": " << url.error();
    EXPECT_EQ(url->scheme, row.scheme) << row.text;
    EXPECT_EQ(url->user, row.user) << row.text;
    EXPECT_EQ(url->host, row.host) << row.text;
    EXPECT_EQ(url->port, row.port) << row.text;
    EXPECT_EQ(url->text, row.text);
  }
}

TEST(GitUrl, OfAnotherFormIsAnErrorThatSaysWhatToWrite) {
  for (const auto& [text, says] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "write https://"},
           {"clients", "write https://"},
           {"/srv/clients.git", "write file:///srv/clients.git"},
           {"./clients", "write https://"},
           {"git://git.example.org/x", "git://"},
           {"ftp://git.example.org/x", "none of"},
           {"https://", "names no host"},
           {"https://git.example.org/", "names no repository"},
           {"https://git.example.org:0/x", "a port"},
           {"https://git.example.org:port/x", "a port"},
           {"https://git.example.org/x?y=z", "a query"},
           {"https://git.example.org/x#y", "a fragment"},
           {"https://git.example.org/a b", "a blank"},
           {"file://elsewhere/x", "names a host"},
           {"git.example.org:", "no path"},
           {":x", "names no host"},
           {"git@[git.example.org:2222]:x", "in brackets"},
           {"[::1]:x", "in brackets"}}) {
    const auto url = GitUrl::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error(), HasSubstr(says)) << text;
  }
}

TEST(GitUrl, WithALoginIsRefusedAndNotRepeated) {
  for (const char* const text : {"https://user:hidden@git.example.org/x", "https://hidden@git.example.org/x",
                                 "http://:hidden@127.0.0.1/x", "ssh://git:hidden@git.example.org/x",
                                 "git:hidden@git.example.org:x", "/srv/hidden@x", "hidden@git.example.org"}) {
    const auto url = GitUrl::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error(), Not(HasSubstr("hidden")));
  }
}

TEST(GitUrl, KnowsWhatStaysOnThisMachine) {
  EXPECT_TRUE(GitUrl::parse("http://localhost:1/x")->isLoopback());
  EXPECT_TRUE(GitUrl::parse("http://127.1.2.3/x")->isLoopback());
  EXPECT_TRUE(GitUrl::parse("file:///x")->isLoopback());
  EXPECT_FALSE(GitUrl::parse("http://localhost.example.org/x")->isLoopback());
}

}  // namespace
}  // namespace hydra_clients::manifest

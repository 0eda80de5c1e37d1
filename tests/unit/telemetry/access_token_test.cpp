#include "telemetry/access_token.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "not_root.h"
#include "temporary_folder.h"

namespace hydra_clients::telemetry {
namespace {

using ::testing::HasSubstr;

class Token : public ::testing::Test {
 protected:
  std::unique_ptr<AccessToken> of(std::string_view text) {
    auto token = AccessToken::fromFile(folder_.write("token", text));
    EXPECT_TRUE(token.has_value()) << token.error();
    return std::move(*token);
  }
  std::string problemOf(std::string_view text) {
    auto token = AccessToken::fromFile(folder_.write("token", text));
    return token ? "none" : token.error();
  }
  tests::TemporaryFolder folder_;
};

TEST_F(Token, IsShownAsABearerTokenOfTheSameLetters) {
  const auto token = of("s3cret-token\n");
  EXPECT_TRUE(token->isShownBy("Bearer s3cret-token"));
  EXPECT_TRUE(token->isShownBy("bearer  s3cret-token "));
  for (const auto* wrong :
       {"", "Bearer", "Bearer ", "s3cret-token", "Bearer s3cret-toke", "Bearer s3cret-token2",
        "Bearer S3cret-token", "Bearers3cret-token", "Digest s3cret-token", "Token s3cret-token"}) {
    EXPECT_FALSE(token->isShownBy(wrong)) << wrong;
  }
}

TEST_F(Token, IsShownAsThePasswordOfAUrl) {
  const auto token = of("s3cret-token");
  EXPECT_TRUE(token->isShownBy("Basic Z2l0LXN5bmM6czNjcmV0LXRva2Vu")) << "git-sync:s3cret-token";
  EXPECT_TRUE(token->isShownBy("Basic OnMzY3JldC10b2tlbg==")) << ":s3cret-token";
  for (const auto* wrong :
       {"Basic", "Basic ", "Basic czNjcmV0LXRva2Vu", "Basic eDp3cm9uZw==", "Basic !!!!", "Basic Og=="}) {
    EXPECT_FALSE(token->isShownBy(wrong)) << wrong;
  }
}

TEST_F(Token, IsReadAgainWhenItsFileChanges) {
  const auto token = of("first-token");
  folder_.write("token", "other-token");
  EXPECT_FALSE(token->isShownBy("Bearer first-token"));
  EXPECT_TRUE(token->isShownBy("Bearer other-token"));
}

TEST_F(Token, StaysAsItWasWhileItsFileIsOfNoUse) {
  const auto token = of("first-token");
  folder_.write("token", "");
  EXPECT_TRUE(token->isShownBy("Bearer first-token"));
  EXPECT_FALSE(token->isShownBy("Bearer ")) << "an empty file lets nobody in";
  std::filesystem::remove(folder_.path("token"));
  EXPECT_TRUE(token->isShownBy("Bearer first-token"));
  folder_.write("token", "second-token");
  EXPECT_TRUE(token->isShownBy("Bearer second-token"));
}

TEST_F(Token, IsReadAgainWhenItsFileBecomesReadable) {
  const auto token = of("first-token");
  const auto path = folder_.write("token", "other-token");
  const auto isShownAfter = [&](mode_t mode, std::string_view shown) {
    chmod(folder_.path("").c_str(), 0755);
    chmod(path.c_str(), mode);
    const test::NotRoot user;
    return token->isShownBy(shown);
  };
  EXPECT_TRUE(isShownAfter(0, "Bearer first-token"));
  EXPECT_TRUE(isShownAfter(0644, "Bearer other-token"));
}

TEST_F(Token, OfAFileThatHoldsNoneSaysWhatIsWanted) {
  for (const auto& text : {std::string(), std::string(" \n"), std::string("two words"),
                           std::string("one\ntwo"), std::string(5000, 'x'), std::string("n\0l", 3)}) {
    EXPECT_THAT(problemOf(text), HasSubstr("holds no token"));
  }
  EXPECT_EQ(problemOf(std::string(4096, 'x')), "none");
  EXPECT_THAT(AccessToken::fromFile(folder_.path("absent")).error(), HasSubstr("No such file"));
}

TEST_F(Token, IsNotWaitedForInAPipe) {
  ASSERT_EQ(mkfifo(folder_.path("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(AccessToken::fromFile(folder_.path("pipe")).has_value());
}

}  // namespace
}  // namespace hydra_clients::telemetry

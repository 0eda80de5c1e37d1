// Create, find, list: the same client comes back each way.

#include <atomic>
#include <latch>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract_server.h"

namespace hydra_clients::contract {
namespace {

using hydra::AdminError;
using testing::HasSubstr;

TEST(Clients, ComeBackById) {
  const auto created =
      postAnywhere(R"({"client_name":"round trip","owner":"contract","metadata":{"n":1.0}})");
  ASSERT_TRUE(created) << why(created);
  const auto live = readBack(*created);
  ASSERT_TRUE(live);
  EXPECT_EQ(live->find("client_name")->text, "round trip");
  EXPECT_EQ(live->find("owner")->text, "contract");
  EXPECT_EQ(live->find("client_id")->text, *created);
}

TEST(Clients, ComeBackInTheListWithoutTheirSecrets) {
  const auto created = postAnywhere(R"({"client_name":"listed"})");
  ASSERT_TRUE(created) << why(created);
  int seen = 0;
  const auto listed = Server::get().api().visitClients(
      [&](const hydra::LiveClient& live) {
        const json::Value client = live.value().value();
        EXPECT_EQ(client.find("client_secret"), nullptr);
        EXPECT_EQ(client.find("registration_access_token"), nullptr);
        if (live.id() == *created) ++seen;
      },
      {});
  ASSERT_TRUE(listed) << why(listed);
  EXPECT_EQ(seen, 1);
}

TEST(Clients, ThatAreMissingAreFoundMissing) {
  const auto found = Server::get().api().find(freshId("absent"));
  ASSERT_TRUE(found) << why(found);
  EXPECT_FALSE(*found);
}

TEST(Clients, KeepTheIdThatWasChosen) {
  if (!Server::get().takesChosenIds()) GTEST_SKIP() << "v2.0 and v2.1 assign ids themselves";
  const std::string id = freshId("chosen");
  const auto created = post("{}", id);
  ASSERT_TRUE(created) << why(created);
  EXPECT_EQ(*created, id);
}

TEST(Clients, AreRefusedAChosenIdByV2_0AndV2_1InWords) {
  if (Server::get().takesChosenIds()) GTEST_SKIP() << "this Hydra takes chosen ids";
  const auto created = post("{}", freshId("chosen"));
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, AdminError::Kind::kRefused);
  EXPECT_THAT(created.error().message, HasSubstr("needs Hydra 2.2 or newer"));
  EXPECT_FALSE(Server::get().api().dialect().takesChosenIds());
}

TEST(Clients, GetAnIdFromHydraWhereNoneIsGiven) {
  const auto created = post("{}");
  ASSERT_TRUE(created) << why(created);
  EXPECT_EQ(created->size(), 36u) << *created;
  EXPECT_TRUE(readBack(*created));
}

TEST(Clients, GetASecretFromHydraWhereNoneIsGiven) {
  const json::Value answer = answerToPost("{}", "");
  ASSERT_NE(answer.find("client_secret"), nullptr) << json::write(answer);
  EXPECT_EQ(answer.find("client_secret")->text.size(), 26u);
}

TEST(Clients, GetTheirOwnSecretBackOnce) {
  const json::Value answer = answerToPost("{}");
  ASSERT_NE(answer.find("client_secret"), nullptr) << json::write(answer);
  EXPECT_EQ(answer.find("client_secret")->text, "contract-secret");
}

TEST(Clients, ThatArePublicHaveNoSecretInTheAnswer) {
  const json::Value answer = answerToPost(R"({"token_endpoint_auth_method":"none"})");
  ASSERT_NE(answer.find("client_id"), nullptr) << json::write(answer);
  EXPECT_EQ(answer.find("client_secret"), nullptr);
}

TEST(Clients, ExistOnceWhoeverElsePosts) {
  if (!Server::get().takesChosenIds()) GTEST_SKIP() << "v2.0 and v2.1 assign ids themselves";
  const std::string id = freshId("contended");
  constexpr int kWriters = 6;
  std::atomic<int> created = 0;
  std::atomic<int> existed = 0;
  std::latch together(kWriters);
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&] {
        together.arrive_and_wait();
        const auto result = post("{}", id);
        if (result) ++created;
        if (!result && result.error().kind == AdminError::Kind::kExists) ++existed;
      });
    }
  }
  EXPECT_EQ(created, 1);
  EXPECT_EQ(existed, kWriters - 1);
}

/// Ids of every shape; those that a URL cannot address are confirmed by the list.
class OddIds : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Ids, OddIds,
                         testing::Values(" a b", "?x=1", "#f", "\xc3\xa9\xe2\x82\xac", "%2F", "a%zz", "+",
                                         "&=;,", "a:b@c", "/team/a", "x/..", "./x", "x/", "\\", "\"quoted\"",
                                         "..."));

TEST_P(OddIds, RoundTrip) {
  if (!Server::get().takesChosenIds()) GTEST_SKIP() << "v2.0 and v2.1 assign ids themselves";
  const std::string id = freshId("odd") + GetParam();
  const auto created = post(R"({"client_name":"odd"})", id);
  ASSERT_TRUE(created) << why(created);
  EXPECT_EQ(*created, id);
  const auto live = readBack(id);
  ASSERT_TRUE(live) << "not found: " << id;
  EXPECT_EQ(live->find("client_id")->text, id);
  const auto again = post("{}", id);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, AdminError::Kind::kExists);
}

}  // namespace
}  // namespace hydra_clients::contract

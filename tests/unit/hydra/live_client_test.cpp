#include "hydra/live_client.h"

#include <gmock/gmock.h>

namespace hydra_clients::hydra {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string idOf(std::string_view raw) {
  const auto client = LiveClient::of(raw);
  return client ? std::string(client->id()) : "none";
}

TEST(LiveClient, HasTheIdThatItsBytesShow) {
  EXPECT_EQ(idOf(R"({"client_id":"a b","owner":"x"})"), "a b");
  EXPECT_EQ(idOf(R"({"client_id":"a\u0026b\"c\\"})"), "a&b\"c\\");
  EXPECT_EQ(idOf("{\"client_id\":\"\xc3\xa9\"}"), "\xc3\xa9");
  EXPECT_EQ(idOf("{\"client_id\":\"\xff\"}"), "\xef\xbf\xbd");
  EXPECT_EQ(idOf("{ \"owner\":\"x\",\n \"client_id\" : \"a\" }"), "a");
  EXPECT_EQ(idOf(R"({"client_id":"","client_id":"a"})"), "a");
}

TEST(LiveClient, IsNoneWithoutAnIdThatIsAString) {
  for (const char* raw :
       {"", "1", "null", "[]", "{}", R"("client_id")", R"({"client_id":1})", R"({"client_id":null})",
        R"({"client_id":""})", R"({"CLIENT_ID":"a"})", R"([{"client_id":"a"}])", R"({"client_id":"a)",
        R"({"metadata":{"client_id":"a"}})", R"({ "client_id":"a", nonsense})", R"({"client_id":"\q"})"}) {
    EXPECT_EQ(idOf(raw), "none") << raw;
  }
}

TEST(LiveClient, HasItsFieldsWithoutTheSecrets) {
  const auto client =
      LiveClient::of(R"({"client_id":"a","client_secret":"s","registration_access_token":"t","owner":"me"})");
  EXPECT_EQ(json::write(client->value().value()), R"({"client_id":"a","owner":"me"})");
}

TEST(LiveClient, SaysWhereItCannotBeReadAndShowsNothingOfIt) {
  const auto client = LiveClient::of(R"({"client_id":"a","metadata":{"key":"private" oops}})");
  ASSERT_TRUE(client);
  EXPECT_EQ(client->id(), "a");
  const auto value = client->value();
  ASSERT_FALSE(value);
  EXPECT_THAT(value.error(), HasSubstr("at byte 45"));
  EXPECT_THAT(value.error(), Not(HasSubstr("private")));
}

TEST(LiveClient, IsNotReadWhereItNamesTwoIds) {
  for (const char* raw : {R"({"client_id":"a","client_id":"b"})", R"({"client_id":"a","client_id":null})"}) {
    EXPECT_EQ(idOf(raw), "a");
    EXPECT_THAT(LiveClient::of(raw)->value().error(), HasSubstr("more than one client_id"));
  }
}

TEST(LiveClient, OutlivesItsPageOnceItIsKept) {
  for (const char* text : {R"({"client_id":"a","owner":"x"})", R"({"owner":"x","client_id":"a"})"}) {
    std::string page = text;
    std::optional<LiveClient> kept = LiveClient::of(page)->kept();
    page.assign(page.size(), '#');
    const LiveClient copy = *kept;
    kept.reset();
    EXPECT_EQ(copy.id(), "a");
    EXPECT_EQ(copy.raw(), text);
    EXPECT_EQ(copy.value()->find("owner")->text, "x");
  }
}

}  // namespace
}  // namespace hydra_clients::hydra

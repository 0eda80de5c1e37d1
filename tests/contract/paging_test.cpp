// Lists of more than three pages, whatever the paging style.

#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "contract_server.h"

namespace hydra_clients::contract {
namespace {

constexpr int kClients = 47;

/// Clients that are there for all tests of this file.
const std::set<std::string>& population() {
  static const std::set<std::string> ids = [] {
    std::set<std::string> made;
    for (int i = 0; i < kClients; ++i) {
      const auto created = postAnywhere(R"({"client_name":"paged"})");
      EXPECT_TRUE(created) << why(created);
      if (created) made.insert(*created);
    }
    return made;
  }();
  return ids;
}

struct Listed {
  hydra::ListSummary summary;
  std::multiset<std::string> ids;
};

Listed list(int pageSize) {
  hydra::AdminApi api(Server::get().transport(), {.pageSize = pageSize});
  EXPECT_TRUE(api.detect());
  Listed listed;
  const auto result =
      api.visitClients([&](const hydra::LiveClient& client) { listed.ids.emplace(client.id()); }, {});
  EXPECT_TRUE(result) << why(result);
  if (result) listed.summary = *result;
  return listed;
}

class PageSizes : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Sizes, PageSizes, testing::Values(1, 7, 10, 500, 1000),
                         [](const auto& size) { return "Of" + std::to_string(size.param); });

TEST_P(PageSizes, ShowEveryClientOnce) {
  const auto& expected = population();
  const Listed listed = list(GetParam());
  for (const auto& id : expected) EXPECT_EQ(listed.ids.count(id), 1u) << id;
  EXPECT_EQ(listed.summary.clients, listed.ids.size());
  if (GetParam() <= 10) {
    EXPECT_GT(listed.summary.pages, 3u);
  }
}

TEST(Paging, MissesNobodyWhileOthersAreCreated) {
  const auto& expected = population();
  std::jthread others([](const std::stop_token& stop) {
    for (int i = 0; i < 200 && !stop.stop_requested(); ++i) (void)postAnywhere("{}");
  });
  for (int i = 0; i < 3; ++i) {
    const Listed listed = list(10);
    for (const auto& id : expected) EXPECT_EQ(listed.ids.count(id), 1u) << id;
  }
}

}  // namespace
}  // namespace hydra_clients::contract

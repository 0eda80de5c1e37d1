#include "hydra/list_look_up.h"

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

/// A list with one client, "a/b".
tl::expected<ListSummary, AdminError> oneClient(const LiveClientVisitor& visit) {
  const std::string page = R"([{"client_id":"a/b"}])";  // is gone when the reading ends
  visit(LiveClient::of(std::string_view(page).substr(1, page.size() - 2)).value());
  return ListSummary{1, 1};
}

TEST(ListLookUp, FindsWhatTheListShows) {
  ListLookUp lookUp(oneClient);
  const auto found = lookUp.find("a/b");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->raw(), R"({"client_id":"a/b"})");
  const auto missing = lookUp.find("c/d");
  ASSERT_TRUE(missing);
  EXPECT_FALSE(*missing);
}

TEST(ListLookUp, ReadsAgainForEachQuestionThatComesAlone) {
  int readings = 0;
  ListLookUp lookUp([&](const LiveClientVisitor& visit) {
    ++readings;
    return oneClient(visit);
  });
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(lookUp.find("a/b"));
  EXPECT_EQ(readings, 3);
}

TEST(ListLookUp, SharesAReadingThatBeganAfterTheQuestionsAndNoOther) {
  constexpr int kLate = 20;
  std::atomic<int> readings = 0;
  std::atomic<int> asked = 0;
  std::latch begun(1);
  std::latch goOn(1);
  ListLookUp lookUp([&](const LiveClientVisitor& visit) {
    if (++readings > 1) return oneClient(visit);
    begun.count_down();
    goOn.wait();
    return tl::expected<ListSummary, AdminError>(ListSummary{0, 1});  // the client is not there yet
  });
  std::vector<std::jthread> threads;
  threads.emplace_back([&] {
    const auto early = lookUp.find("a/b");
    EXPECT_TRUE(early && !*early);
  });
  begun.wait();
  for (int i = 0; i < kLate; ++i) {
    threads.emplace_back([&] {
      ++asked;
      const auto late = lookUp.find("a/b");
      EXPECT_TRUE(late && *late) << "the first reading is too old for it";
    });
  }
  while (asked < kLate) std::this_thread::yield();
  goOn.count_down();
  threads.clear();
  EXPECT_GE(readings, 2);
  EXPECT_LT(readings, 1 + kLate);
}

TEST(ListLookUp, HandsAFaultToAllWhoWaited) {
  ListLookUp lookUp([](const LiveClientVisitor&) -> tl::expected<ListSummary, AdminError> {
    AdminError error;
    error.kind = AdminError::Kind::kTruncated;
    return tl::unexpected(error);
  });
  const auto found = lookUp.find("a/b");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, AdminError::Kind::kTruncated);
}

}  // namespace
}  // namespace hydra_clients::hydra

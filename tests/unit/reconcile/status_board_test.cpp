#include "reconcile/status_board.h"

#include <gmock/gmock.h>

namespace hydra_clients::reconcile {
namespace {

using testing::HasSubstr;

constexpr const char* kHash = "0123456789abcdef0123456789abcdef01234567";

class StatusBoardTest : public testing::Test {
 protected:
  /// Publishes the report of a cycle that saw this commit.
  void publish(CycleResult result, const std::string& seen, const std::string& inForce) {
    CycleReport report;
    report.result = result;
    report.newestSeen = {seen, 1'700'000'000};
    report.revision = {inForce, 1'700'000'000};
    report.finished = std::chrono::system_clock::now();
    board_.publish(std::make_shared<const CycleReport>(report));
  }
  json::Value status() { return json::parse(*board_.newest()).value(); }

  std::string textAt(const std::string& pointer) { return json::at(status(), pointer)->text; }

  telemetry::Metrics metrics_{"test", "test"};
  StatusBoard board_{metrics_};
};

TEST_F(StatusBoardTest, ShowsTheNewestDocument) {
  EXPECT_EQ(*board_.newest(),
            R"({"version":1,"result":null,"result_since":null,"last_success_at":null,"webhook":null})");
  CycleReport report;
  report.error = "first";
  board_.publish(std::make_shared<const CycleReport>(report));
  EXPECT_THAT(*board_.newest(), HasSubstr("first"));
  EXPECT_EQ(board_.newest(), board_.newest()) << "made once";
  EXPECT_EQ(board_.newest(Named::kProblems), board_.newest(Named::kProblems));
  EXPECT_NE(board_.newest(Named::kProblems), board_.newest());
  report.error = "second";
  board_.publish(std::make_shared<const CycleReport>(report));
  EXPECT_THAT(*board_.newest(), HasSubstr("second"));
}

TEST_F(StatusBoardTest, SaysSinceWhenTheResultIsWhatItIsAndWhenItWasLastASuccess) {
  const auto endedAt = [this](CycleResult result, int seconds) {
    CycleReport report;
    report.result = result;
    report.finished = std::chrono::system_clock::time_point(std::chrono::seconds(seconds));
    board_.publish(std::make_shared<const CycleReport>(report));
  };
  endedAt(CycleResult::kDegraded, 1);
  EXPECT_EQ(textAt("/result_since"), "1970-01-01T00:00:01Z");
  EXPECT_TRUE(json::at(status(), "/last_success_at")->isNull());
  endedAt(CycleResult::kSuccess, 2);
  endedAt(CycleResult::kSuccess, 3);
  EXPECT_EQ(textAt("/result_since"), "1970-01-01T00:00:02Z");
  endedAt(CycleResult::kFailed, 4);
  endedAt(CycleResult::kFailed, 5);
  EXPECT_EQ(textAt("/result_since"), "1970-01-01T00:00:04Z");
  EXPECT_EQ(textAt("/last_success_at"), "1970-01-01T00:00:03Z");
}

TEST_F(StatusBoardTest, SaysWhatBecameOfTheCommitThatAWebhookAnnounced) {
  board_.announced(kHash);
  EXPECT_EQ(json::at(status(), "/webhook/revision")->text, kHash);
  EXPECT_FALSE(json::at(status(), "/webhook/received_at")->isNull());
  EXPECT_TRUE(json::at(status(), "/webhook/applied_at")->isNull());
  publish(CycleResult::kFailed, kHash, kHash);
  EXPECT_TRUE(json::at(status(), "/webhook/applied_at")->isNull()) << "Hydra was away";
  publish(CycleResult::kDegraded, kHash, kHash);
  EXPECT_FALSE(json::at(status(), "/webhook/applied_at")->isNull());
}

TEST_F(StatusBoardTest, TellsTheMetricHowLongACommitWaits) {
  const std::string waits = "hydra_clients_oldest_unapplied_commit_timestamp_seconds 17";
  const std::string nothingWaits = "hydra_clients_oldest_unapplied_commit_timestamp_seconds 0\n";
  publish(CycleResult::kSuccess, "good", "good");
  EXPECT_THAT(metrics_.exposition(), HasSubstr(nothingWaits));
  publish(CycleResult::kDegraded, "refused", "good");
  EXPECT_THAT(metrics_.exposition(), HasSubstr(waits));
  publish(CycleResult::kSuccess, "better", "better");
  EXPECT_THAT(metrics_.exposition(), HasSubstr(nothingWaits));
  board_.announced(kHash);
  EXPECT_THAT(metrics_.exposition(), HasSubstr(waits)) << "at once, not with the next cycle";
}

TEST_F(StatusBoardTest, AReadingThatSawNothingLeavesWaitingWhatWaits) {
  publish(CycleResult::kSuccess, "good", "good");
  publish(CycleResult::kDegraded, "refused", "good");
  CycleReport report;
  report.result = CycleResult::kDegraded;
  report.sourceUnread = true;
  report.revision = {"good", 1};
  board_.publish(std::make_shared<const CycleReport>(report));
  EXPECT_THAT(metrics_.exposition(), HasSubstr("hydra_clients_oldest_unapplied_commit_timestamp_seconds 17"));
}

}  // namespace
}  // namespace hydra_clients::reconcile

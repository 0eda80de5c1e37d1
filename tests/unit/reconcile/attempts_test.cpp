#include "reconcile/attempts.h"

#include <gtest/gtest.h>

#include "manifests.h"

namespace hydra_clients::reconcile {
namespace {

using namespace std::chrono_literals;

class AttemptsTest : public testing::Test {
 protected:
  manifest::ManifestPtr manifest_ = test::setOf(test::publicClient("a"))->manifests.at(0);
  SteadyTime now_ = std::chrono::steady_clock::now();
  Attempts attempts_;
};

TEST_F(AttemptsTest, AClientThatWasNeverTriedIsNotHeldBack) {
  EXPECT_FALSE(attempts_.heldBack(*manifest_, now_));
  EXPECT_FALSE(attempts_.nextDue());
}

TEST_F(AttemptsTest, ARefusedClientIsHeldBackUntilItsTime) {
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  ASSERT_TRUE(attempts_.heldBack(*manifest_, now_));
  EXPECT_EQ(attempts_.heldBack(*manifest_, now_)->reason, "no");
  EXPECT_FALSE(attempts_.heldBack(*manifest_, *attempts_.nextDue()));
}

TEST_F(AttemptsTest, TellWhenAClientIsTriedAgain) {
  EXPECT_FALSE(attempts_.dueOf("a").has_value());
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  EXPECT_EQ(attempts_.dueOf("a"), attempts_.nextDue());
  EXPECT_FALSE(attempts_.dueOf("b").has_value());
}

TEST_F(AttemptsTest, TheWaitDoublesUpToAnHour) {
  std::chrono::nanoseconds before{0};
  for (int i = 0; i < 20; ++i) {
    attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
    const auto wait = *attempts_.nextDue() - now_;
    EXPECT_GE(wait, before);
    before = wait;
  }
  EXPECT_EQ(before, 1h);
}

TEST_F(AttemptsTest, RetryAfterIsTheLeastWait) {
  attempts_.failed(manifest_, Outcome::kRetrying, "busy", now_, 90s);
  EXPECT_EQ(*attempts_.nextDue() - now_, 90s);
}

TEST_F(AttemptsTest, AChangedManifestIsTriedAtOnce) {
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  const auto changed = test::setOf(test::publicClient("a", R"("owner":"x",)"))->manifests.at(0);
  EXPECT_FALSE(attempts_.heldBack(*changed, now_));
}

TEST_F(AttemptsTest, TheSameManifestReadAgainIsStillHeldBack) {
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  EXPECT_TRUE(attempts_.heldBack(*test::setOf(test::publicClient("a"))->manifests.at(0), now_));
}

TEST_F(AttemptsTest, ForgetsWhoIsNoLongerConcerned) {
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  attempts_.keepOnly([](const ClientId&) { return false; });
  EXPECT_FALSE(attempts_.nextDue());
}

}  // namespace
}  // namespace hydra_clients::reconcile

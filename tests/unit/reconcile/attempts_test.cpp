#include "reconcile/attempts.h"

#include <gtest/gtest.h>

#include "manifests.h"

namespace hydra_clients::reconcile {
namespace {

using namespace std::chrono_literals;

class AttemptsTest : public testing::Test {
 protected:
  /// How long the clients are held back from here on.
  [[nodiscard]] std::chrono::nanoseconds wait() const { return *attempts_.nextDue() - now_; }

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
    EXPECT_GE(wait(), before);
    before = wait();
  }
  EXPECT_EQ(before, 1h);
}

TEST_F(AttemptsTest, WhatFailsForTheMomentIsTriedSoonerThanWhatIsRefused) {
  attempts_.failed(manifest_, Outcome::kRetrying, "busy", now_);
  EXPECT_EQ(wait(), 1s);
  attempts_.failed(manifest_, Outcome::kRetrying, "busy", now_);
  EXPECT_EQ(wait(), 2s);
  for (int i = 0; i < 20; ++i) attempts_.failed(manifest_, Outcome::kRetrying, "busy", now_);
  EXPECT_EQ(wait(), 5min);
}

TEST_F(AttemptsTest, TheWaitBeginsAnewForAnotherFailureOrAnotherManifest) {
  for (int i = 0; i < 3; ++i) attempts_.failed(manifest_, Outcome::kRetrying, "busy", now_);
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  EXPECT_EQ(wait(), 30s);
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  EXPECT_EQ(wait(), 60s);
  attempts_.failed(test::setOf(test::publicClient("a", R"("owner":"x",)"))->manifests.at(0),
                   Outcome::kRefused, "no", now_);
  EXPECT_EQ(wait(), 30s);
}

TEST_F(AttemptsTest, TheNextTryIsThatOfTheFirstThatIsDue) {
  const auto others = test::setOf(test::arrayOf({test::publicClient("b"), test::publicClient("c")}));
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  attempts_.failed(others->manifests.at(0), Outcome::kRetrying, "busy", now_);
  attempts_.failed(others->manifests.at(1), Outcome::kRefused, "no", now_);
  EXPECT_EQ(wait(), 1s);
}

TEST_F(AttemptsTest, RetryAfterIsTheLeastWait) {
  attempts_.failed(manifest_, Outcome::kRetrying, "busy", now_, 90s);
  EXPECT_EQ(wait(), 90s);
  attempts_.failed(manifest_, Outcome::kRetrying, "busy", now_, 1ms);
  EXPECT_EQ(wait(), 2s) << "and no more than the least";
}

TEST_F(AttemptsTest, WhoMayBeTakenAMomentLaterWaitsForNoLongerThanTheInterval) {
  attempts_.retryWithin(3s);
  for (const auto expected : {1s, 2s, 3s, 3s}) {
    attempts_.failed(manifest_, Outcome::kRetrying, "busy", now_);
    EXPECT_EQ(wait(), expected);
  }
  attempts_.failed(manifest_, Outcome::kRetrying, "busy", now_, 1h);
  EXPECT_EQ(wait(), 3s);
  attempts_.retryWithin(1h);
  attempts_.failed(manifest_, Outcome::kRetrying, "busy", now_, 30min);
  EXPECT_EQ(wait(), 30min);
  attempts_.failed(manifest_, Outcome::kRetrying, "busy", now_);
  EXPECT_EQ(wait(), 3s) << "a long interval makes no wait of ours longer";
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  EXPECT_EQ(wait(), 30s) << "it says no until somebody changes something";
}

TEST_F(AttemptsTest, AChangedManifestIsTriedAtOnce) {
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  const auto changed = test::setOf(test::publicClient("a", R"("owner":"x",)"))->manifests.at(0);
  EXPECT_FALSE(attempts_.heldBack(*changed, now_));
}

TEST_F(AttemptsTest, AManifestWithAnotherSecretIsTriedAtOnce) {
  const auto with = [](const std::string& secret) {
    return test::setOf(R"({"client_id":"a","scope":"x","client_secret":")" + secret + "\"}")->manifests.at(0);
  };
  attempts_.failed(with("first-secret"), Outcome::kRefused, "no", now_);
  EXPECT_TRUE(attempts_.heldBack(*with("first-secret"), now_));
  EXPECT_FALSE(attempts_.heldBack(*with("second-secret"), now_));
}

TEST_F(AttemptsTest, TheSameManifestReadAgainIsStillHeldBack) {
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  EXPECT_TRUE(attempts_.heldBack(*test::setOf(test::publicClient("a"))->manifests.at(0), now_));
}

TEST_F(AttemptsTest, ForgetsWhoIsNoLongerConcerned) {
  attempts_.failed(manifest_, Outcome::kRefused, "no", now_);
  attempts_.keepOnly([](const ClientId& id) { return id == "a"; });
  EXPECT_TRUE(attempts_.nextDue());
  attempts_.keepOnly([](const ClientId&) { return false; });
  EXPECT_FALSE(attempts_.nextDue());
}

}  // namespace
}  // namespace hydra_clients::reconcile

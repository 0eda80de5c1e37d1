#include "cli/progress_text.h"

#include <gmock/gmock.h>

namespace hydra_clients::cli {
namespace {

using namespace std::chrono_literals;
using reconcile::Progress;
using reconcile::SteadyTime;
using Stage = Progress::Stage;
using testing::HasSubstr;
using testing::Not;

constexpr SteadyTime kBegin{1h};

Pace at(double perSecond) { return {.perSecond = perSecond}; }

TEST(ProgressSentence, SaysWhatIsDoneHowFastAndHowLongYet) {
  EXPECT_EQ(progressSentence({Stage::kImporting, 1'200, 5'000}, at(1'500.0)),
            "imported 1,200 of 5,000 clients (1,500/s, 3 s left)");
  EXPECT_EQ(progressSentence({Stage::kReadingClients, 1'234'567}, at(2.54)),
            "read 1,234,567 live clients (2.5/s)");
  EXPECT_EQ(progressSentence({Stage::kReadingManifests, 20, 300}, {}), "read 20 of 300 files");
}

TEST(ProgressSentence, CountsWhatFailedApart) {
  EXPECT_EQ(progressSentence({Stage::kImporting, 1'200, 5'000, 3}, {}),
            "imported 1,197 of 5,000 clients, 3 failed");
}

TEST(ProgressSentence, OneIsNotPlural) {
  EXPECT_EQ(progressSentence({Stage::kImporting, 0, 1}, {}), "imported 0 of 1 client");
  EXPECT_EQ(progressSentence({Stage::kReadingClients, 1}, {}), "read 1 live client");
  EXPECT_EQ(progressSentence({Stage::kReadingClients, 0}, {}), "read 0 live clients");
}

TEST(ProgressSentence, LongTimesAreInMinutesAndHours) {
  const auto leftAt = [](double rate) { return progressSentence({Stage::kImporting, 0, 100'000}, at(rate)); };
  EXPECT_THAT(leftAt(1'700), HasSubstr("59 s left"));
  EXPECT_THAT(leftAt(1'000), HasSubstr("1 min 40 s left"));
  EXPECT_THAT(leftAt(10), HasSubstr("2 h 46 min left"));
  EXPECT_THAT(leftAt(0.1), Not(HasSubstr("left"))) << "more than anyone waits for";
}

TEST(ProgressSentence, SaysForHowLongNothingWasFinishedInsteadOfGuessing) {
  const Progress progress{Stage::kImporting, 1'200, 5'000};
  EXPECT_EQ(progressSentence(progress, {.perSecond = 0.5, .idle = 2s}),
            "imported 1,200 of 5,000 clients (none for 2 s)");
  EXPECT_EQ(progressSentence(progress, {.perSecond = {}, .idle = 75s}),
            "imported 1,200 of 5,000 clients (none for 1 min 15 s)");
  EXPECT_THAT(progressSentence(progress, {.perSecond = 0.5, .idle = 1s}), HasSubstr("left"));
  EXPECT_THAT(progressSentence({Stage::kImporting, 5'000, 5'000}, {.perSecond = 0.5, .idle = 9s}),
              Not(HasSubstr("none")))
      << "there is nothing to wait for";
}

TEST(ProgressBar, FillsWithWhatIsDone) {
  EXPECT_EQ(progressBar({Stage::kImporting, 1'250, 5'000, 3}, at(1'500.0), 120),
            "importing [=======>                    ]  25%  1,250 of 5,000, 1,500/s, 3 s left, 3 failed");
  EXPECT_THAT(progressBar({Stage::kImporting, 5'000, 5'000}, at(1'500.0), 120),
              HasSubstr("[============================] 100%  5,000 of 5,000, 1,500/s"));
}

TEST(ProgressBar, WithoutATotalThereIsNothingToFill) {
  EXPECT_EQ(progressBar({Stage::kReadingClients, 1'200}, at(600.0), 120), "reading clients 1,200, 600/s");
}

TEST(ProgressBar, IsFullAndNoMoreWhereAListGrowsWhileItIsRead) {
  EXPECT_THAT(progressBar({Stage::kReadingClients, 1'200, 1'000}, at(600.0), 120),
              HasSubstr("=] 100%  1,200 of"));
}

TEST(ProgressBar, IsNeverWiderThanTheTerminal) {
  const Progress progress{Stage::kImporting, 1'250, 5'000, 3};
  for (std::size_t width = 0; width <= 130; ++width) {
    EXPECT_LE(progressBar(progress, at(1'500.0), width).size(), width);
  }
  EXPECT_EQ(progressBar(progress, at(1'500.0), 65),
            "importing  25%  1,250 of 5,000, 1,500/s, 3 s left, 3 failed");
  EXPECT_EQ(progressBar(progress, at(1'500.0), 20), "importing  25%  1,25");
}

TEST(RecentRate, IsThatOfTheLastSeconds) {
  RecentRate rate;
  SteadyTime now = kBegin;
  std::uint64_t done = 0;
  const auto run = [&](std::uint64_t perStep) {
    for (int step = 0; step < 100; ++step) rate.note(done += perStep, now += 100ms);
  };
  rate.note(done, now);
  run(100);
  EXPECT_NEAR(rate.pace().perSecond.value(), 1'000, 1);
  run(10);
  EXPECT_NEAR(rate.pace().perSecond.value(), 100, 1) << "what was before is forgotten";
  run(0);
  EXPECT_FALSE(rate.pace().perSecond) << "nothing moves";
}

TEST(RecentRate, KnowsForHowLongNothingWasFinished) {
  RecentRate rate;
  EXPECT_EQ(rate.pace().idle, 0s);
  rate.note(0, kBegin);
  rate.note(0, kBegin + 3s);
  EXPECT_EQ(rate.pace().idle, 3s) << "since it began";
  rate.note(1, kBegin + 4s);
  EXPECT_EQ(rate.pace().idle, 0s);
  rate.note(1, kBegin + 4s + 1'999ms);
  EXPECT_EQ(rate.pace().idle, 1s);
}

TEST(RecentRate, IsNotGuessedFromAMoment) {
  RecentRate rate;
  EXPECT_FALSE(rate.pace().perSecond);
  rate.note(0, kBegin);
  rate.note(100, kBegin + 10ms);
  EXPECT_FALSE(rate.pace().perSecond);
  rate.note(1'000, kBegin + RecentRate::kLeast);
  EXPECT_NEAR(rate.pace().perSecond.value(), 2'000, 1);
}

}  // namespace
}  // namespace hydra_clients::cli

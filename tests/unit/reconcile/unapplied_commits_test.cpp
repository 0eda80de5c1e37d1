#include "reconcile/unapplied_commits.h"

#include <gtest/gtest.h>

namespace hydra_clients::reconcile {
namespace {

using Time = UnappliedCommits::Time;

Time at(std::int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

/// A commit that was made at that time.
manifest::Revision commit(const std::string& id, std::int64_t made) { return {id, made}; }

TEST(UnappliedCommits, NothingWaitsAtFirst) { EXPECT_EQ(UnappliedCommits().oldest(), 0); }

TEST(UnappliedCommits, ACommitWaitsFromWhenItWasMadeUntilItIsInForce) {
  UnappliedCommits commits;
  commits.seen(commit("a", 100), at(500));
  EXPECT_EQ(commits.oldest(), 100);
  commits.seen(commit("a", 100), at(600));
  EXPECT_EQ(commits.oldest(), 100) << "Hydra is still away";
  commits.applied("a", at(700));
  EXPECT_EQ(commits.oldest(), 0);
}

TEST(UnappliedCommits, TheOldestOfSeveralCounts) {
  UnappliedCommits commits;
  commits.applied("good", at(50));
  commits.seen(commit("refused", 100), at(500));
  commits.applied("good", at(510));
  commits.seen(commit("refused too", 90), at(600));
  EXPECT_EQ(commits.oldest(), 90) << "a committer's clock may be wrong";
  commits.seen(commit("signed", 300), at(700));
  commits.applied("signed", at(710));
  EXPECT_EQ(commits.oldest(), 0) << "what came before it is in it";
}

TEST(UnappliedCommits, WhereTheNewestIsInForceAgainNothingWaits) {
  UnappliedCommits commits;
  commits.applied("good", at(50));
  commits.seen(commit("refused", 100), at(500));
  EXPECT_EQ(commits.oldest(), 100);
  commits.seen(commit("good", 40), at(600));  // the branch was set back
  EXPECT_EQ(commits.oldest(), 0);
}

TEST(UnappliedCommits, AnAnnouncedCommitWaitsFromItsAnnouncementUntilItIsSeen) {
  UnappliedCommits commits;
  commits.announced("a", at(500));
  EXPECT_EQ(commits.oldest(), 500);
  commits.seen(commit("a", 100), at(510));
  EXPECT_EQ(commits.oldest(), 100);
  commits.applied("a", at(520));
  EXPECT_EQ(commits.oldest(), 0);
}

TEST(UnappliedCommits, ACommitThatIsAnnouncedWhileAnOlderOneIsReadWaitsOn) {
  UnappliedCommits commits;
  commits.announced("new", at(505));
  commits.seen(commit("old", 100), at(500));  // the reading had begun before, and is told of when it ends
  commits.applied("old", at(510));
  EXPECT_EQ(commits.oldest(), 505);
  commits.seen(commit("new", 400), at(511));
  commits.applied("new", at(520));
  EXPECT_EQ(commits.oldest(), 0);
}

TEST(UnappliedCommits, OneThatWasSkippedWaitsNoMoreOnceALaterOneIsInForce) {
  UnappliedCommits commits;
  commits.announced("skipped", at(500));
  commits.seen(commit("newer", 490), at(501));
  commits.applied("newer", at(510));
  EXPECT_EQ(commits.oldest(), 0);
}

TEST(UnappliedCommits, TheOneInForceIsNoNewsWhenItIsAnnouncedAgain) {
  UnappliedCommits commits;
  commits.seen(commit("a", 100), at(500));
  commits.applied("a", at(510));
  commits.announced("a", at(600));  // git-sync was restarted
  EXPECT_EQ(commits.oldest(), 0);
}

TEST(UnappliedCommits, ACommitWhoseTimeIsNotKnownWaitsFromWhenItWasSeenFirst) {
  UnappliedCommits commits;
  commits.seen(commit("a", 0), at(500));
  commits.seen(commit("a", 0), at(600));
  EXPECT_EQ(commits.oldest(), 500);
  commits.announced("b", at(700));
  commits.applied("a", at(710));
  commits.seen(commit("b", 0), at(720));
  EXPECT_EQ(commits.oldest(), 700);
}

TEST(UnappliedCommits, ASourceWithoutCommitsCannotBringWhatIsAnnounced) {
  UnappliedCommits commits;
  commits.announced("a", at(500));
  commits.seen({}, at(600));
  commits.applied("", at(610));
  EXPECT_EQ(commits.oldest(), 0);
  EXPECT_FALSE(commits.announcement()->applied);
}

TEST(UnappliedCommits, WhateverIsAnnouncedIsBoundedAndTheOldestStays) {
  UnappliedCommits commits;
  for (int i = 0; i < 10'000; ++i) commits.announced("hash " + std::to_string(i), at(1000 + i));
  EXPECT_EQ(commits.oldest(), 1000);
  commits.seen(commit("hash 9999", 900), at(20'000));
  commits.applied("hash 9999", at(20'010));
  EXPECT_EQ(commits.oldest(), 0) << "the newest is still known as such";
}

TEST(Announcement, IsTheLastOneAndSaysSinceWhenItsCommitIsInForce) {
  UnappliedCommits commits;
  EXPECT_FALSE(commits.announcement());
  commits.announced("a", at(500));
  EXPECT_EQ(commits.announcement()->revision, "a");
  EXPECT_EQ(commits.announcement()->received, at(500));
  EXPECT_FALSE(commits.announcement()->applied);
  commits.seen(commit("a", 100), at(505));
  commits.applied("a", at(510));
  commits.applied("a", at(570));
  EXPECT_EQ(commits.announcement()->applied, at(510)) << "since then, in every cycle";
  commits.applied("b", at(600));
  EXPECT_EQ(commits.announcement()->applied, at(510)) << "it was";
  commits.announced("b", at(610));
  EXPECT_EQ(commits.announcement()->applied, at(600)) << "the source was looked at before the webhook came";
  commits.announced("c", at(700));
  EXPECT_FALSE(commits.announcement()->applied);
}

}  // namespace
}  // namespace hydra_clients::reconcile

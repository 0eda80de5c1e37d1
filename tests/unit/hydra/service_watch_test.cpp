#include "hydra/service_watch.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

using namespace std::chrono_literals;
using Kind = AdminError::Kind;

AdminError error(Kind kind) {
  AdminError error;
  error.kind = kind;
  return error;
}

/// How many failures in a row `watch` takes; at most 100.
int failuresOf(ServiceWatch& watch, Kind kind) {
  for (int taken = 0; taken < 100; ++taken) {
    if (watch.failed(error(kind))) return taken;
  }
  return 100;
}

TEST(ServiceWatch, TenFailuresInARowAreTooMany) {
  ServiceWatch watch;
  EXPECT_EQ(failuresOf(watch, Kind::kUnreachable), 9);
  EXPECT_EQ(watch.verdict()->kind, Kind::kUnreachable);
}

TEST(ServiceWatch, WhoeverIsServedBeginsThemAnew) {
  ServiceWatch watch;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 9; ++i) EXPECT_FALSE(watch.failed(error(Kind::kUnreachable)));
    watch.served();
  }
  EXPECT_FALSE(watch.verdict());
}

TEST(ServiceWatch, OneFailureIsAVerdictWhereNobodyIsServed) {
  ServiceWatch watch;
  EXPECT_FALSE(watch.verdict());
  EXPECT_FALSE(watch.failed(error(Kind::kUnauthorized)));
  EXPECT_EQ(watch.verdict()->kind, Kind::kUnauthorized);
}

TEST(ServiceWatch, PostsWithoutAnAnswerAreTooManyAfterTheLongestSilenceThoughHydraIsThere) {
  ServiceWatch watch(0ms, 20ms);
  watch.served();
  std::this_thread::sleep_for(30ms);
  EXPECT_FALSE(watch.postSilent(error(Kind::kUnreachable))) << "this one may be the client's own";
  watch.answered();
  EXPECT_FALSE(watch.verdict());
  EXPECT_TRUE(watch.postSilent(error(Kind::kUnreachable)));
  EXPECT_TRUE(watch.verdict());
}

TEST(ServiceWatch, PostsWithoutAnAnswerAreNotTooManyWhileOthersAreServed) {
  ServiceWatch watch(0ms, 20ms);
  for (int i = 0; i < 20; ++i) {
    watch.served();
    EXPECT_FALSE(watch.postSilent(error(Kind::kUnreachable)));
    EXPECT_FALSE(watch.postSilent(error(Kind::kUnreachable)));
    watch.answered();
  }
  EXPECT_FALSE(watch.verdict());
}

TEST(ServiceWatch, TheVerdictStands) {
  ServiceWatch watch;
  watch.served();
  EXPECT_EQ(failuresOf(watch, Kind::kUnreachable), 9);
  watch.served();  // what was under way
  EXPECT_TRUE(watch.verdict());
}

TEST(ServiceWatch, TwoFailuresAreTooManyAfterTheLongestSilence) {
  ServiceWatch watch(0ms, 20ms);
  watch.served();
  std::this_thread::sleep_for(30ms);
  EXPECT_FALSE(watch.failed(error(Kind::kUnreachable))) << "this one may be the client's own";
  EXPECT_TRUE(watch.failed(error(Kind::kUnreachable)));
}

TEST(ServiceWatch, AHydraThatIsAwayIsWaitedForAsLongAsPatienceSays) {
  ServiceWatch watch(100ms, 20ms);
  EXPECT_EQ(failuresOf(watch, Kind::kUnreachable), 100);
  std::this_thread::sleep_for(110ms);
  EXPECT_TRUE(watch.failed(error(Kind::kUnreachable)));
}

TEST(ServiceWatch, WhatWaitingDoesNotChangeIsNotWaitedFor) {
  ServiceWatch watch(1h);
  EXPECT_EQ(failuresOf(watch, Kind::kNotHydra), 9);
}

}  // namespace
}  // namespace hydra_clients::hydra

#include "hydra/connection_slots.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

TEST(ConnectionSlots, ARequestThatThrowsGivesItsPlaceBack) {
  ConnectionSlots slots(1);
  const auto now = std::chrono::steady_clock::now();
  ASSERT_EQ(slots.take(now), ConnectionSlots::Outcome::kTaken);
  try {
    const TakenSlot slot(slots);
    EXPECT_EQ(slots.take(now), ConnectionSlots::Outcome::kTimeout);
    throw std::runtime_error("no memory");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(slots.take(now), ConnectionSlots::Outcome::kTaken);
}

}  // namespace
}  // namespace hydra_clients::hydra

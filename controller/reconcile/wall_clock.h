#pragma once

#include <chrono>

#include "reconcile/steady_time.h"

namespace hydra_clients::reconcile {

/// The time of day at that moment, as the clock stands now: for people.
[[nodiscard]] inline std::chrono::system_clock::time_point onWallClock(SteadyTime moment) {
  return std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                                moment - std::chrono::steady_clock::now());
}

}  // namespace hydra_clients::reconcile

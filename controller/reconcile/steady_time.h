#pragma once

#include <chrono>

namespace hydra_clients::reconcile {

/// A moment of the clock that never jumps: for waits and deadlines.
using SteadyTime = std::chrono::steady_clock::time_point;

}  // namespace hydra_clients::reconcile

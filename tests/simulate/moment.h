#pragma once

#include <chrono>

namespace simulate {

/// Simulated time since the world's begin.
using Moment = std::chrono::nanoseconds;

}  // namespace simulate

#pragma once

#include <ctime>

#include "moment.h"

namespace simulate {

/// What the simulated clocks of this kind show at the world's begin, in nanoseconds.
[[nodiscard]] Moment beginOf(clockid_t clock);
/// When that clock shows this.
[[nodiscard]] Moment momentOf(clockid_t clock, const timespec& time);

}  // namespace simulate

#pragma once

#include <limits>

namespace hydra_clients::telemetry {

/// What the kernel says about this process; NaN for what it does not say.
struct ProcessFigures {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  double cpuSeconds = kUnknown;
  double residentBytes = kUnknown;
  double virtualBytes = kUnknown;
  double openFiles = kUnknown;
  double maxFiles = kUnknown;
  double startTime = kUnknown;  ///< seconds since 1970
  double threads = kUnknown;
};

/// Reads /proc/self (proc(5)). Thread-safe.
[[nodiscard]] ProcessFigures readProcessFigures();

}  // namespace hydra_clients::telemetry

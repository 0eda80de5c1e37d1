#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "reconcile/progress.h"
#include "reconcile/steady_time.h"

namespace hydra_clients::reconcile {

/// Says in the log, every kEvery, how far a long import is; nothing of one that ends sooner. Used by one
/// thread.
class ProgressLog {
 public:
  explicit ProgressLog(std::function<SteadyTime()> now = std::chrono::steady_clock::now);

  void note(const Progress& progress);

  static constexpr std::chrono::seconds kEvery{5};

 private:
  std::function<SteadyTime()> now_;
  std::optional<SteadyTime> due_;  ///< of the next line; nullopt: no import is under way
};

}  // namespace hydra_clients::reconcile

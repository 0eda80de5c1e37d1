#include "reconcile/jitter.h"

#include <cstdint>
#include <random>

namespace hydra_clients::reconcile {

std::chrono::milliseconds jittered(std::chrono::milliseconds interval, double share) {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_real_distribution<double> factor(1.0 - share, 1.0 + share);
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(interval.count()) * factor(random)));
}

}  // namespace hydra_clients::reconcile

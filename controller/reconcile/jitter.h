#pragma once

#include <chrono>

namespace hydra_clients::reconcile {

/// The interval, longer or shorter by at most this share of it, so that what began together drifts apart.
/// Thread-safe.
[[nodiscard]] std::chrono::milliseconds jittered(std::chrono::milliseconds interval, double share);

}  // namespace hydra_clients::reconcile

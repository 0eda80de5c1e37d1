#pragma once

#include <chrono>
#include <thread>

namespace hydra_clients::test {

/// Waits until `condition` holds, for what happens on another thread; false where it does not within 5 s.
template <typename Condition>
[[nodiscard]] bool eventually(Condition condition) {
  constexpr int kLooks = 500;
  constexpr std::chrono::milliseconds kPause{10};
  for (int i = 0; i < kLooks; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(kPause);
  }
  return false;
}

}  // namespace hydra_clients::test

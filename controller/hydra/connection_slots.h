#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace hydra_clients::hydra {

/// Places for requests under way: the bound on a transport's connections. Thread-safe.
class ConnectionSlots {
 public:
  enum class Outcome { kTaken, kTimeout, kClosed };

  explicit ConnectionSlots(std::size_t places) : free_(places == 0 ? 1 : places) {}

  /// Waits for a place until `deadline`. Every kTaken wants one release().
  [[nodiscard]] Outcome take(std::chrono::steady_clock::time_point deadline);
  void release();
  /// Wakes everybody who waits; from now on take() says kClosed.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t free_;
  bool closed_ = false;
};

}  // namespace hydra_clients::hydra

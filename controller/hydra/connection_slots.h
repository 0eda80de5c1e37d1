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

  /// Waits for a place until `deadline`. Every kTaken wants one release(): see TakenSlot.
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

/// Gives a taken place back at its own end, also where the request that had it throws (of memory, mostly): a
/// place that is lost would be missing for ever.
class TakenSlot {
 public:
  explicit TakenSlot(ConnectionSlots& slots) : slots_(slots) {}
  ~TakenSlot() { slots_.release(); }
  TakenSlot(const TakenSlot&) = delete;
  TakenSlot& operator=(const TakenSlot&) = delete;

 private:
  ConnectionSlots& slots_;
};

}  // namespace hydra_clients::hydra

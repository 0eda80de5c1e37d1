#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hydra_clients::hydra {

/// Bounds what cpprest buffers of a response before it hands any of it over: it reads a status line, a head
/// or a chunk's header of any length, and tells nobody which socket it reads from. The kernel knows how much
/// came in, so whoever waits for a response looks at the process's own connections to the endpoint's port,
/// and ends one on which more came than any response may hold. The same for TLS. Thread-safe.
class ReceiveWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// `mostBytes`: of one response, as they come over the wire.
  ReceiveWatch(std::uint16_t port, std::size_t mostBytes) : port_(port), mostBytes_(mostBytes) {}

  /// A kept connection is about to be used again: what it has received so far does not count.
  void begin(int socket);
  /// Looks once, unless somebody has done so within kInterval.
  void look();
  /// Whether look() has ended a connection at or after `time`.
  [[nodiscard]] bool hasEndedOneSince(Clock::time_point time) const;

  [[nodiscard]] std::size_t mostBytes() const { return mostBytes_; }

  static constexpr std::chrono::milliseconds kInterval{50};

 private:
  const std::uint16_t port_;
  const std::size_t mostBytes_;
  std::atomic<Clock::rep> lastLook_ = 0;  ///< times since the clock's epoch
  std::atomic<Clock::rep> lastEnded_ = 0;
};

}  // namespace hydra_clients::hydra

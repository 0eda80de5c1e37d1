#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "client/file_descriptor.h"
#include "hydra/socket_connection.h"

namespace hydra_clients::hydra {

/// Connections that wait for their next request. Thread-safe.
class KeptConnections {
 public:
  using Clock = std::chrono::steady_clock;
  using Kept = std::unique_ptr<SocketConnection>;

  /// What nothing moved on for so long is given up: a load balancer or a router on the way forgets a quiet
  /// connection without telling anybody, and a request over it would wait for its time-out.
  static constexpr std::chrono::seconds kLongestIdle{60};

  /// The one that was used last, since it is the least likely to have ended; null where there is none.
  [[nodiscard]] Kept take(Clock::time_point now);
  void put(Kept connection, Clock::time_point now);
  /// Gives up all, and from now on those that are put.
  void close();

  /// A descriptor of the caller's own for the one that take() would try first; invalid where there is none.
  [[nodiscard]] FileDescriptor newest();

 private:
  struct Idle {
    Kept connection;
    Clock::time_point since;
  };

  std::mutex mutex_;  ///< guards what follows
  bool closed_ = false;
  std::vector<Idle> idle_;  ///< those that were used last stand last
};

}  // namespace hydra_clients::hydra

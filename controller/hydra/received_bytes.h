#pragma once

#include <cstdint>
#include <mutex>

namespace hydra_clients::hydra {

/// How much a TCP connection has received since it is watched, as the kernel counts it. For libraries that
/// collect what never ends (a head, a chunk's header) before anybody can look at it. Thread-safe.
class ReceivedBytes {
 public:
  ReceivedBytes() = default;
  ~ReceivedBytes();
  ReceivedBytes(const ReceivedBytes&) = delete;
  ReceivedBytes& operator=(const ReceivedBytes&) = delete;

  /// Begins to count, once: further calls change nothing. Keeps a descriptor of its own.
  void watch(int socket);
  /// 0 where nothing is watched.
  [[nodiscard]] std::uint64_t count() const;

 private:
  mutable std::mutex mutex_;  ///< guards all below
  int socket_ = -1;
  std::uint64_t before_ = 0;
};

}  // namespace hydra_clients::hydra

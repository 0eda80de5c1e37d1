#pragma once

#include <atomic>

namespace hydra_clients::hydra {

/// Sends head and body of a request together. cpprest writes them one after the other, and with TCP_NODELAY,
/// which it sets, each goes out alone: the server is woken twice for each POST. The connection is corked
/// (tcp(7), TCP_CORK) before the head and released behind the body; should nobody release it, the kernel does
/// after 200 ms. The first request of a new connection goes as cpprest writes it: cpprest shows its socket
/// before it is open.
///
/// One a connection. Thread-safe: what is released may be another request's only where that was abandoned,
/// and then goes out in two parts.
class OneSegment {
 public:
  /// Whether the request that comes next has a body.
  void expect(bool body) { wanted_ = body; }
  /// Its connection, before anything is written to it.
  void begin(int socket);
  /// All is written.
  void end();

 private:
  std::atomic<bool> wanted_ = false;
  std::atomic<int> corked_ = -1;
};

}  // namespace hydra_clients::hydra

#include "hydra/kept_connections.h"

#include <utility>

#include <fcntl.h>

namespace hydra_clients::hydra {

KeptConnections::Kept KeptConnections::take(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  while (!idle_.empty()) {
    Idle newest = std::move(idle_.back());
    idle_.pop_back();
    if (now - newest.since > kLongestIdle || !newest.connection->socket().isQuiet()) continue;
    newest.connection->markReused();
    return std::move(newest.connection);
  }
  return nullptr;
}

void KeptConnections::put(Kept connection, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  std::erase_if(idle_, [&](const Idle& idle) { return now - idle.since > kLongestIdle; });
  idle_.push_back({std::move(connection), now});
}

void KeptConnections::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  idle_.clear();
}

FileDescriptor KeptConnections::newest() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return {};
  return FileDescriptor(fcntl(idle_.back().connection->socket().descriptor(), F_DUPFD_CLOEXEC, 0));
}

}  // namespace hydra_clients::hydra

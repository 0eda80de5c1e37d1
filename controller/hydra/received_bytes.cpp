#include "hydra/received_bytes.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hydra_clients::hydra {
namespace {

std::uint64_t receivedBy(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_received : 0;
}

}  // namespace

ReceivedBytes::~ReceivedBytes() {
  if (socket_ >= 0) close(socket_);
}

void ReceivedBytes::watch(int socket) {
  const std::lock_guard lock(mutex_);
  if (socket_ >= 0) return;
  socket_ = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  before_ = receivedBy(socket_);
}

std::uint64_t ReceivedBytes::count() const {
  const std::lock_guard lock(mutex_);
  return socket_ < 0 ? 0 : receivedBy(socket_) - before_;
}

}  // namespace hydra_clients::hydra

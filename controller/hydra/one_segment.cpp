#include "hydra/one_segment.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace hydra_clients::hydra {
namespace {

/// Fails on what is no TCP socket, which is no harm.
void setCork(int socket, int on) { (void)setsockopt(socket, IPPROTO_TCP, TCP_CORK, &on, sizeof on); }

}  // namespace

void OneSegment::begin(int socket) {
  if (!wanted_) return;
  setCork(socket, 1);
  corked_ = socket;
}

void OneSegment::end() {
  if (const int socket = corked_.exchange(-1); socket >= 0) setCork(socket, 0);
}

}  // namespace hydra_clients::hydra

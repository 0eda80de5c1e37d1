#include "manifest/sources/fetch/connected_ports.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hydra_clients::manifest {
namespace {

/// A socket gets the lowest number that is free.
constexpr int kHighest = 1024;

/// 0 of what is no TCP connection.
std::uint16_t peerPort(int descriptor) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return 0;
  if (peer.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(peer).sin_port);
  if (peer.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(peer).sin6_port);
  return 0;
}

}  // namespace

std::vector<std::uint16_t> connectedPorts() {
  std::vector<std::uint16_t> ports;
  for (int descriptor = STDERR_FILENO + 1; descriptor < kHighest; ++descriptor) {
    if (const std::uint16_t port = peerPort(descriptor); port != 0) ports.push_back(port);
  }
  return ports;
}

}  // namespace hydra_clients::manifest

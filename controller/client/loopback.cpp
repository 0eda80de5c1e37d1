#include "client/loopback.h"

#include <array>

#include <arpa/inet.h>

namespace hydra_clients {

bool isLoopbackHost(const std::string& host) {
  if (host == "localhost" || host.ends_with(".localhost") || host == "::1") return true;
  std::array<unsigned char, 4> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 && address[0] == 127;
}

}  // namespace hydra_clients

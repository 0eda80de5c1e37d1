#include "secrets/agent.h"

#include <array>
#include <chrono>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "client/file_descriptor.h"

namespace hydra_clients::secrets {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kSocketName = "/S.gpg-agent";
constexpr std::string_view kEndYourself = "KILLAGENT\n";
constexpr milliseconds kPatience{2'000};

FileDescriptor connectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {};
  path.copy(address.sun_path, path.size());
  FileDescriptor agent(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!agent.valid()) return {};
  // A queue that is full is refused at once, since the socket does not block.
  if (connect(agent.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  return agent;
}

/// Reads until the other side hangs up or the deadline has passed.
void awaitEnd(int agent, steady_clock::time_point deadline) {
  std::array<char, 256> thrownAway{};
  for (auto now = steady_clock::now(); now < deadline; now = steady_clock::now()) {
    pollfd entry{agent, POLLIN, 0};
    const auto left = std::chrono::ceil<milliseconds>(deadline - now);
    if (poll(&entry, 1, static_cast<int>(left.count())) <= 0) continue;
    if (recv(agent, thrownAway.data(), thrownAway.size(), 0) <= 0) return;
  }
}

}  // namespace

void endAgentOf(const std::string& home) {
  const FileDescriptor agent = connectTo(home + std::string(kSocketName));
  if (!agent.valid()) return;
  if (send(agent.get(), kEndYourself.data(), kEndYourself.size(), MSG_NOSIGNAL) < 0) return;
  awaitEnd(agent.get(), steady_clock::now() + kPatience);
}

}  // namespace hydra_clients::secrets

#include "hydra/receive_watch.h"

#include <charconv>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/tcp.h>  // glibc's tcp_info ends before tcpi_bytes_received
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hydra_clients::hydra {
namespace {

struct Received {
  std::uint64_t cookie = 0;  ///< the kernel's name for the socket, never used again
  std::uint64_t bytes = 0;
};

/// nullopt where it is no TCP socket.
std::optional<Received> receivedBy(int socket) {
  Received received;
  socklen_t size = sizeof received.cookie;
  if (getsockopt(socket, SOL_SOCKET, SO_COOKIE, &received.cookie, &size) != 0) return std::nullopt;
  tcp_info info{};
  size = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  received.bytes = info.tcpi_bytes_received;
  return received;
}

/// nullopt where it is not connected over the internet's protocols.
std::optional<std::uint16_t> peerPort(int socket) {
  sockaddr_in6 peer{};
  socklen_t size = sizeof peer;
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return std::nullopt;
  if (peer.sin6_family != AF_INET && peer.sin6_family != AF_INET6) return std::nullopt;
  return ntohs(peer.sin6_port);  // the same place as sin_port
}

/// Calls `visit` with each connected TCP socket of the process, its peer's port and what it received. The
/// descriptor is one of our own: cpprest may close its own meanwhile, and the number may come to mean
/// another.
template <typename Visit>
void forEachConnection(const Visit& visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> files(opendir("/proc/self/fd"), closedir);
  if (!files) return;
  while (const dirent* entry = readdir(files.get())) {  // bounded by the limit of open files
    const std::string_view name = entry->d_name;
    int file = -1;
    std::from_chars(name.data(), name.data() + name.size(), file);
    if (file < 0 || !peerPort(file)) continue;
    const int own = fcntl(file, F_DUPFD_CLOEXEC, 0);
    if (own < 0) continue;
    const auto port = peerPort(own);
    const auto received = receivedBy(own);
    if (port && received) visit(own, *port, *received);
    close(own);
  }
}

/// What kept connections had received before the response that they are used for, by cookie. Of the whole
/// process: one watch sees the connections of another to the same port.
class Baselines {
 public:
  void set(const Received& received) {
    const std::lock_guard lock(mutex_);
    if (bytes_.size() >= kMost) forgetEnded();
    bytes_[received.cookie] = received.bytes;
  }
  [[nodiscard]] std::uint64_t of(std::uint64_t cookie) {
    const std::lock_guard lock(mutex_);
    const auto found = bytes_.find(cookie);
    return found == bytes_.end() ? 0 : found->second;
  }

 private:
  /// From here on the bound is that of open files.
  static constexpr std::size_t kMost = 1024;

  void forgetEnded() {
    std::unordered_map<std::uint64_t, std::uint64_t> open;
    forEachConnection([&](int, std::uint16_t, const Received& received) {
      if (const auto found = bytes_.find(received.cookie); found != bytes_.end()) open.insert(*found);
    });
    bytes_ = std::move(open);
  }

  std::mutex mutex_;  ///< guards what follows
  std::unordered_map<std::uint64_t, std::uint64_t> bytes_;
};

Baselines& baselines() {
  static Baselines all;
  return all;
}

}  // namespace

void ReceiveWatch::begin(int socket) {
  if (const auto received = receivedBy(socket)) baselines().set(*received);
}

void ReceiveWatch::look() {
  const Clock::rep now = Clock::now().time_since_epoch().count();
  Clock::rep last = lastLook_;
  if (now - last < Clock::duration(kInterval).count()) return;
  if (!lastLook_.compare_exchange_strong(last, now)) return;  // somebody else looks
  forEachConnection([&](int socket, std::uint16_t port, const Received& received) {
    if (port != port_ || received.bytes - baselines().of(received.cookie) <= mostBytes_) return;
    lastEnded_ = Clock::now().time_since_epoch().count();
    shutdown(socket, SHUT_RDWR);
  });
}

bool ReceiveWatch::hasEndedOneSince(Clock::time_point time) const {
  return lastEnded_ >= time.time_since_epoch().count();
}

}  // namespace hydra_clients::hydra

#include "http_caller.h"

#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace hydra_clients::tests {

namespace {

int connected(int socket, const void* to, std::size_t size) {
  if (connect(socket, static_cast<const sockaddr*>(to), static_cast<socklen_t>(size)) == 0) return socket;
  close(socket);
  return -1;
}

int connectUnix(const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  return connected(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), &to, sizeof to);
}

int connectTcp(const std::string& port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connected(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), &to, sizeof to);
}

}  // namespace

HttpCaller::HttpCaller(const std::string& address)
    : socket_(address.starts_with("unix:") ? connectUnix(address.substr(5))
                                           : connectTcp(address.substr(address.rfind(':') + 1))) {}

HttpCaller::~HttpCaller() {
  if (socket_ >= 0) close(socket_);
}

HttpCaller::HttpCaller(HttpCaller&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

bool HttpCaller::send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

void HttpCaller::finish() { shutdown(socket_, SHUT_WR); }

bool HttpCaller::receive(std::chrono::milliseconds patience) {
  pollfd waiting{socket_, POLLIN, 0};
  char buffer[65536];
  if (poll(&waiting, 1, static_cast<int>(patience.count())) != 1) return false;
  const ssize_t n = recv(socket_, buffer, sizeof buffer, 0);
  if (n > 0) received_.append(buffer, static_cast<std::size_t>(n));
  return n > 0;
}

std::string HttpCaller::answer(bool withBody, std::chrono::milliseconds patience) {
  while (received_.find("\r\n\r\n") == std::string::npos) {
    if (!receive(patience)) return std::exchange(received_, "");
  }
  std::size_t size = received_.find("\r\n\r\n") + 4;
  const auto length = received_.find("Content-Length: ");
  if (withBody && length < size) size += std::stoul(received_.substr(length + 16));
  while (received_.size() < size) {
    if (!receive(patience)) return std::exchange(received_, "");
  }
  std::string answer = received_.substr(0, size);
  received_.erase(0, size);
  return answer;
}

bool HttpCaller::isClosed(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    pollfd waiting{socket_, POLLIN, 0};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (poll(&waiting, 1, static_cast<int>(left.count())) == 1 && !receive(std::chrono::milliseconds(0)))
      return true;
  }
  return false;
}

std::string ask(const std::string& address, const std::string& method, const std::string& target,
                const std::string& headers) {
  HttpCaller caller(address);
  caller.send(method + " " + target + " HTTP/1.1\r\nHost: " + address + "\r\n" + headers + "\r\n");
  return caller.answer(method != "HEAD");
}

}  // namespace hydra_clients::tests

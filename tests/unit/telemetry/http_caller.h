#pragma once

// A caller of the status server that is as rude as a test wants it: bytes over a socket, nothing in between.

#include <chrono>
#include <string>

namespace hydra_clients::tests {

class HttpCaller {
 public:
  /// Connects to "127.0.0.1:PORT" or "unix:PATH".
  explicit HttpCaller(const std::string& address);
  ~HttpCaller();
  HttpCaller(HttpCaller&& other) noexcept;
  HttpCaller(const HttpCaller&) = delete;
  HttpCaller& operator=(const HttpCaller&) = delete;

  [[nodiscard]] bool connected() const { return socket_ >= 0; }
  /// False where the server has closed the connection.
  bool send(const std::string& bytes);
  /// Half-closes: nothing more will be sent.
  void finish();
  /// One answer: its header and, by its Content-Length, its body (none for HEAD). What came until then where
  /// the server closes or nothing comes for `patience`.
  std::string answer(bool withBody = true, std::chrono::milliseconds patience = std::chrono::seconds(3));
  /// Whether the server closes the connection within `patience`.
  bool isClosed(std::chrono::milliseconds patience);

 private:
  bool receive(std::chrono::milliseconds patience);
  int socket_ = -1;
  std::string received_;
};

/// The answer to one request on a connection of its own.
std::string ask(const std::string& address, const std::string& method, const std::string& target,
                const std::string& headers = "");

}  // namespace hydra_clients::tests

#pragma once

// A server for tests of the transports: raw sockets on loopback or a unix socket, TLS where wanted. What it
// answers is the test's own bytes, so that it can misbehave in every way.

#include <atomic>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

namespace hydra_clients::test {

/// Where its certificate and key come from; PEM files.
struct ServerTls {
  std::string certificateFile;
  std::string keyFile;
  std::string clientCaFile;  ///< asks for a client certificate of that CA; "" asks for none
};

/// One connection, in the hands of the test's handler.
class Connection {
 public:
  Connection(int socket, SSL* tls, int number);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  struct Request {
    std::string method;
    std::string target;
    std::string head;  ///< request line and headers as they came
    std::string body;
    int pieces = 0;  ///< in which the head and the body came from the system, over TLS as well
  };
  /// The next request, whole; nullopt where the peer has gone.
  std::optional<Request> readRequest();
  /// Takes what comes first of the next request, and leaves the rest where it is.
  void readBegin();
  /// False where the peer has gone.
  bool write(std::string_view bytes);
  /// Each by itself (over TLS: in a record of its own), and all in one piece for the peer.
  bool writeTogether(std::initializer_list<std::string_view> parts);
  /// Waits until the peer ends the connection.
  void waitForEnd();
  /// Ends it with a reset instead of an orderly close.
  void reset();
  /// From 1, in the order of accepting.
  [[nodiscard]] int number() const { return number_; }

 private:
  std::size_t readSome(char* bytes, std::size_t size);
  static long countReads(BIO* source, int operation, const char*, std::size_t, int, long, int result,
                         std::size_t*);

  int socket_;
  SSL* tls_;
  int number_;
  int reads_ = 0;  ///< that brought something from the system
  std::string pending_;
};

/// Accepts connections, each handled by `handler` on a thread of its own; a handler that returns closes it.
class TestServer {
 public:
  using Handler = std::function<void(Connection&)>;

  /// On a free port of `address` ("127.0.0.1" or "::1").
  static std::unique_ptr<TestServer> tcp(Handler handler, const std::string& address = "127.0.0.1",
                                         const std::optional<ServerTls>& tls = std::nullopt);
  /// On a unix socket in a new folder.
  static std::unique_ptr<TestServer> unixSocket(Handler handler);
  ~TestServer();

  /// "http://127.0.0.1:PORT" or "unix:///path".
  [[nodiscard]] std::string url() const { return url_; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  TestServer() = default;
  void acceptLoop();
  void serve(int socket, int number);

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::string url_;
  std::string folder_;
  SSL_CTX* tls_ = nullptr;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;  ///< guards what follows
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A response with Content-Length. `headers` are whole lines, each with its CRLF.
std::string response(int status, const std::string& body, const std::string& headers = "");

/// A folder that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void writeFile(const std::string& path, const std::string& text);

}  // namespace hydra_clients::test

#include "test_server.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace hydra_clients::test {
namespace {

constexpr std::size_t kBlock = 64 << 10;

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

SSL_CTX* makeContext(const ServerTls& tls) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, tls.certificateFile.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, tls.keyFile.c_str(), SSL_FILETYPE_PEM) != 1) {
    fail("server certificate");
  }
  if (!tls.clientCaFile.empty()) {
    SSL_CTX_load_verify_file(context, tls.clientCaFile.c_str());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

template <typename Address>
int listenOn(int family, const Address& address) {
  const int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
  if (listen(listener, 128) != 0) fail("listen");
  return listener;
}

std::size_t contentLength(const std::string& head) {
  std::string lower(head);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto at = lower.find("\r\ncontent-length:");
  return at == std::string::npos ? 0 : std::strtoul(lower.c_str() + at + 17, nullptr, 10);
}

}  // namespace

Connection::Connection(int socket, SSL* tls, int number) : socket_(socket), tls_(tls), number_(number) {
  if (tls_ == nullptr) return;
  SSL_set_read_ahead(tls_, 1);  // else each record is read by itself, whatever else has come
  BIO_set_callback_arg(SSL_get_rbio(tls_), reinterpret_cast<char*>(this));
  BIO_set_callback_ex(SSL_get_rbio(tls_), countReads);
}

long Connection::countReads(BIO* source, int operation, const char*, std::size_t, int, long, int result,
                            std::size_t*) {
  if (operation == (BIO_CB_READ | BIO_CB_RETURN) && result > 0)
    ++reinterpret_cast<Connection*>(BIO_get_callback_arg(source))->reads_;
  return result;
}

Connection::~Connection() {
  if (tls_ != nullptr) {
    SSL_shutdown(tls_);
    SSL_free(tls_);
  }
}

std::size_t Connection::readSome(char* bytes, std::size_t size) {
  if (tls_ != nullptr) {
    const int got = SSL_read(tls_, bytes, static_cast<int>(size));
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  const ssize_t got = recv(socket_, bytes, size, 0);
  if (got <= 0) return 0;
  ++reads_;
  return static_cast<std::size_t>(got);
}

std::optional<Connection::Request> Connection::readRequest() {
  std::string block(kBlock, '\0');
  Request request;
  const int readsBefore = reads_;
  const auto more = [&] {
    const std::size_t got = readSome(block.data(), block.size());
    pending_.append(block, 0, got);
    return got > 0;
  };
  while (pending_.find("\r\n\r\n") == std::string::npos) {
    if (!more()) return std::nullopt;
  }
  const auto end = pending_.find("\r\n\r\n") + 4;
  request.head = pending_.substr(0, end);
  pending_.erase(0, end);
  const std::size_t length = contentLength(request.head);
  while (pending_.size() < length) {
    if (!more()) return std::nullopt;
  }
  request.pieces = reads_ - readsBefore;
  request.body = pending_.substr(0, length);
  pending_.erase(0, length);
  const auto space = request.head.find(' ');
  request.method = request.head.substr(0, space);
  request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
  return request;
}

void Connection::readBegin() {
  char byte = 0;
  const std::size_t got = readSome(&byte, 1);
  pending_.append(&byte, got);
}

bool Connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                         : send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Connection::writeTogether(std::initializer_list<std::string_view> parts) {
  const auto cork = [this](int on) { setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &on, sizeof on); };
  cork(1);
  const bool written = std::ranges::all_of(parts, [this](std::string_view part) { return write(part); });
  cork(0);
  return written;
}

void Connection::waitForEnd() {
  std::string block(kBlock, '\0');
  while (readSome(block.data(), block.size()) > 0) {
  }
}

void Connection::reset() {
  const linger now{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

std::unique_ptr<TestServer> TestServer::tcp(Handler handler, const std::string& address,
                                            const std::optional<ServerTls>& tls) {
  std::unique_ptr<TestServer> server(new TestServer);
  server->handler_ = std::move(handler);
  const bool v6 = address.find(':') != std::string::npos;
  if (v6) {
    sockaddr_in6 wanted{};
    wanted.sin6_family = AF_INET6;
    inet_pton(AF_INET6, address.c_str(), &wanted.sin6_addr);
    server->listener_ = listenOn(AF_INET6, wanted);
  } else {
    sockaddr_in wanted{};
    wanted.sin_family = AF_INET;
    inet_pton(AF_INET, address.c_str(), &wanted.sin_addr);
    server->listener_ = listenOn(AF_INET, wanted);
  }
  sockaddr_in6 bound{};
  socklen_t size = sizeof bound;
  getsockname(server->listener_, reinterpret_cast<sockaddr*>(&bound), &size);
  server->port_ = ntohs(bound.sin6_port);  // the same place as sin_port
  if (tls) server->tls_ = makeContext(*tls);
  server->url_ = std::string(tls ? "https://" : "http://") + (v6 ? "[" + address + "]" : address) + ":" +
                 std::to_string(server->port_);
  server->acceptor_ = std::thread([raw = server.get()] { raw->acceptLoop(); });
  return server;
}

std::unique_ptr<TestServer> TestServer::unixSocket(Handler handler) {
  std::unique_ptr<TestServer> server(new TestServer);
  server->handler_ = std::move(handler);
  std::string folder = std::filesystem::temp_directory_path() / "hydra-test-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) fail("mkdtemp");
  server->folder_ = folder;
  sockaddr_un wanted{};
  wanted.sun_family = AF_UNIX;
  const std::string path = folder + "/admin.sock";
  path.copy(wanted.sun_path, sizeof wanted.sun_path - 1);
  server->listener_ = listenOn(AF_UNIX, wanted);
  server->url_ = "unix://" + path;
  server->acceptor_ = std::thread([raw = server.get()] { raw->acceptLoop(); });
  return server;
}

void TestServer::acceptLoop() {
  signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  for (;;) {                 // until the listener is shut down
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0 && errno == EMFILE && !stopping_) {  // what a test took away it gives back
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    if (socket < 0 || stopping_) {
      if (socket >= 0) close(socket);
      return;
    }
    const int on = 1;  // else what is written waits for the ACK of what was written before
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int number = ++connections_;
    const std::lock_guard lock(mutex_);
    open_.push_back(socket);
    threads_.emplace_back([this, socket, number] { serve(socket, number); });
  }
}

void TestServer::serve(int socket, int number) {
  SSL* tls = nullptr;
  bool ready = true;
  if (tls_ != nullptr) {
    tls = SSL_new(tls_);
    SSL_set_fd(tls, socket);
    ready = SSL_accept(tls) == 1;
  }
  {
    Connection connection(socket, tls, number);
    if (ready) {
      handler_(connection);
    } else {
      shutdown(socket, SHUT_WR);  // the alert must not be lost to a reset: read what still comes
      char byte = 0;
      while (recv(socket, &byte, 1, 0) > 0) {
      }
    }
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, socket);
  close(socket);
}

TestServer::~TestServer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  close(listener_);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : open_) shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  SSL_CTX_free(tls_);
  if (!folder_.empty()) std::filesystem::remove_all(folder_);
}

std::string response(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + headers + "\r\n" + body;
}

TemporaryFolder::TemporaryFolder() : path_(std::filesystem::temp_directory_path() / "hydra-test-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) fail("mkdtemp");
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

void writeFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
}

}  // namespace hydra_clients::test

// The sockets: TCP, TLS and unix listeners, one coroutine for each connection, all on one thread.
#pragma once

#include <memory>
#include <string>

#include "options.h"
#include "service.h"

namespace sandbox {

class Server {
 public:
  /// Listens at once; throws std::exception with a message for people when it cannot.
  Server(const Options& options, Service& service);
  ~Server();

  /// Where it can be reached: "http://127.0.0.1:PORT", "https://…" or "unix:PATH".
  const std::string& endpoint() const { return endpoint_; }

  /// Serves until SIGTERM or SIGINT.
  void run();

 private:
  struct Sockets;
  std::unique_ptr<Sockets> sockets_;
  std::string endpoint_;
};

}  // namespace sandbox

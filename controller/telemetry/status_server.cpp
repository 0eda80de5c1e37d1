#include "telemetry/status_server.h"

#include <algorithm>
#include <csignal>
#include <exception>
#include <list>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <pthread.h>

#include "telemetry/connection.h"
#include "telemetry/listen_address.h"
#include "telemetry/log.h"

namespace hydra_clients::telemetry {
namespace {

namespace net = boost::asio;
using net::ip::tcp;

/// After an error of accept() (no file descriptor is free, say): not in a tight circle.
constexpr std::chrono::milliseconds kAcceptPause{100};
/// Exceptions that may come out of the server's thread (out of memory is one) before it gives up.
constexpr int kMaxFaults = 1000;

std::string whyNotListening(const std::string& listen, const boost::system::error_code& error) {
  namespace errc = boost::system::errc;
  const std::string what = "cannot listen on " + listen + ": ";
  if (error == errc::address_in_use) {
    return what + "another program listens there; choose another address with --listen (port 0: a free one)";
  }
  if (error == errc::permission_denied) {
    return what + "ports below 1024 need a privilege; choose a higher one with --listen";
  }
  if (error == errc::address_not_available) return what + "this machine has no such address";
  return what + error.message();
}

/// Opens, binds and listens. The first error ends it.
boost::system::error_code open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) {
    acceptor.set_option(net::ip::v6_only(!endpoint.address().is_unspecified()), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  return error;
}

/// Signals are for the loop's thread: a thread made while this lives does not take any.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

/// All but `start` and the destructor runs on `thread`, so nothing here needs a lock.
struct StatusServer::Impl {
  explicit Impl(StatusCallbacks given) : callbacks(std::move(given)) {}

  void accept() {
    acceptor.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (error == net::error::operation_aborted) return;
      if (error) return acceptLater();
      add(std::move(socket));
      accept();
    });
  }

  void acceptLater() {
    dropOldest();  // the reason may be that no file descriptor is free
    pause.expires_after(kAcceptPause);
    pause.async_wait([this](const boost::system::error_code& error) {
      if (!error) accept();
    });
  }

  void add(tcp::socket socket) {
    if (connections.size() >= kMaxConnections) dropOldest();
    connections.push_back(std::make_shared<Connection>(std::move(socket), callbacks,
                                                       [this](Connection* closed) { forget(closed); }));
    connections.back()->start();
  }

  /// The idle connection that was used least recently; where all are busy, the busy one. (Its caller does not
  /// take its answer: answers are made at once.)
  void dropOldest() {
    const auto before = [](const auto& a, const auto& b) {
      return std::pair(!a->isIdle(), a->lastUsed()) < std::pair(!b->isIdle(), b->lastUsed());
    };
    const auto oldest = std::min_element(connections.begin(), connections.end(), before);
    if (oldest != connections.end()) std::shared_ptr<Connection>(*oldest)->close();
  }

  void forget(Connection* closed) {
    connections.remove_if([closed](const auto& connection) { return connection.get() == closed; });
  }

  void run() {
    pthread_setname_np(pthread_self(), "status");
    for (int faults = 0; faults < kMaxFaults; ++faults) {
      try {
        io.run();
        return;
      } catch (const std::exception& fault) {
        logError("status server: a request failed", {{"error", std::string(fault.what())}});
      }
    }
    logError("status server: given up after too many faults");
  }

  const StatusCallbacks callbacks;
  net::io_context io{1};
  tcp::acceptor acceptor{io};
  net::steady_timer pause{io};
  std::list<std::shared_ptr<Connection>> connections;  ///< at most kMaxConnections
  std::string address;
  std::thread thread;
};

tl::expected<std::unique_ptr<StatusServer>, std::string> StatusServer::start(const std::string& listen,
                                                                             StatusCallbacks callbacks) {
  const auto endpoint = parseListenAddress(listen);
  if (!endpoint) return tl::make_unexpected(endpoint.error());
  auto impl = std::make_unique<Impl>(std::move(callbacks));
  if (const auto error = open(impl->acceptor, *endpoint))
    return tl::make_unexpected(whyNotListening(listen, error));
  boost::system::error_code error;
  impl->address = addressText(impl->acceptor.local_endpoint(error));
  if (error) return tl::make_unexpected(whyNotListening(listen, error));
  impl->accept();
  try {
    const SignalsBlocked blocked;
    impl->thread = std::thread([server = impl.get()] { server->run(); });
  } catch (const std::system_error& fault) {
    return tl::make_unexpected("the status server gets no thread: " + std::string(fault.what()));
  }
  return std::unique_ptr<StatusServer>(new StatusServer(std::move(impl)));
}

StatusServer::StatusServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

StatusServer::~StatusServer() {
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

std::string StatusServer::address() const { return impl_->address; }

}  // namespace hydra_clients::telemetry

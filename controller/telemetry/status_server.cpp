#include "telemetry/status_server.h"

#include <algorithm>
#include <csignal>
#include <exception>
#include <list>
#include <map>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <pthread.h>

#include "telemetry/connection.h"
#include "telemetry/http_answer.h"
#include "telemetry/listener.h"
#include "telemetry/log.h"
#include "telemetry/tls_identity.h"

namespace hydra_clients::telemetry {
namespace {

namespace net = boost::asio;

/// After an error of accept() (no file descriptor is free, say): not in a tight circle.
constexpr std::chrono::milliseconds kAcceptPause{100};
/// Bytes of an answer that is worth a thought, and how many such may be under way that are not the same: all
/// clients and those with problems, of this cycle and of the last.
constexpr std::size_t kLargeBytes = 1 << 20;
constexpr std::size_t kMaxLargeDocuments = 4;
/// Exceptions that may come out of the server's thread (out of memory is one) before it gives up.
constexpr int kMaxFaults = 1000;

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
  Impl(HttpAnswers given, std::unique_ptr<TlsIdentity> shown)
      : answers(std::move(given)), identity(std::move(shown)) {}

  void accept() {
    listener.acceptor().async_accept(
        [this](const boost::system::error_code& error, CallerStream::Socket socket) {
          if (error == net::error::operation_aborted) return;
          if (error == net::error::no_descriptors && giveUpReserve()) return accept();
          if (error) return acceptLater();
          waited = false;
          add(std::move(socket));
          accept();
        });
  }

  void acceptLater() {
    // The reason may be that no file descriptor is free; who is being answered is soon done.
    if (std::exchange(waited, true)) dropOldest();
    pause.expires_after(kAcceptPause);
    pause.async_wait([this](const boost::system::error_code& error) {
      if (!error) accept();
    });
  }

  void add(CallerStream::Socket socket) {
    if (connections.size() >= kMaxConnections) dropOldest();
    connections.push_back(std::make_shared<Connection>(
        std::move(socket), identity ? identity->current() : nullptr, answers,
        [this](Connection* closed) { forget(closed); }, [this] { dropOldDocuments(); }));
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

  /// A caller that does not take its answer keeps all of it in memory, and each cycle makes new documents: of
  /// the large ones those that were asked for last are kept, and who still holds another has to ask again.
  void dropOldDocuments() {
    std::map<const std::string*, Connection::Clock::time_point> askedFor;
    for (const auto& connection : connections) {
      const std::string* const body = connection->body().get();
      if (body == nullptr || body->size() < kLargeBytes) continue;
      auto& last = askedFor[body];
      last = std::max(last, connection->answerBegan());
    }
    if (askedFor.size() <= kMaxLargeDocuments) return;
    const auto oldest = std::ranges::min_element(askedFor, {}, &decltype(askedFor)::value_type::second);
    const auto holders = connections;  // closing takes from the list
    for (const auto& connection : holders) {
      if (connection->body().get() == oldest->first) connection->close();
    }
  }

  void forget(Connection* closed) {
    connections.remove_if([closed](const auto& connection) { return connection.get() == closed; });
    keepReserve();
  }

  void keepReserve() {
    boost::system::error_code error;
    if (!reserve.is_open()) reserve.open(net::local::stream_protocol(), error);
  }

  /// Whether there was one.
  bool giveUpReserve() {
    boost::system::error_code error;
    const bool kept = reserve.is_open();
    reserve.close(error);
    return kept;
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

  HttpAnswers answers;
  std::unique_ptr<TlsIdentity> identity;  ///< null: in the clear
  net::io_context io{1};
  Listener listener{io};
  net::steady_timer pause{io};
  std::list<std::shared_ptr<Connection>> connections;  ///< at most kMaxConnections
  /// A descriptor, given up where no other is free, so that one caller at a time is answered: a probe must
  /// not end a process that waits for descriptors.
  net::local::stream_protocol::socket reserve{io};
  bool waited = false;  ///< a pause, since the last caller came
  std::thread thread;
};

tl::expected<std::unique_ptr<StatusServer>, std::string> StatusServer::start(const ListenOptions& options,
                                                                             StatusCallbacks callbacks) {
  std::unique_ptr<AccessToken> token;
  if (!options.tokenFile.empty()) {
    auto read = AccessToken::fromFile(options.tokenFile);
    if (!read) return tl::make_unexpected("the token's file: " + read.error());
    token = std::move(*read);
  }
  std::unique_ptr<TlsIdentity> identity;
  if (!options.tlsCertificateFile.empty()) {
    auto read = TlsIdentity::fromFiles(options.tlsCertificateFile, options.tlsKeyFile);
    if (!read) return tl::make_unexpected("TLS: " + read.error());
    identity = std::move(*read);
  }
  const auto address = parseListenAddress(options.listen);
  if (!address) return tl::make_unexpected(address.error());
  // A page whose name an attacker's DNS points here has no token, no name of our certificate, no sockets.
  const bool anybodysPage = !token && !identity && !address->isUnix();
  auto hosts = anybodysPage ? std::optional(OwnHosts(options.hosts)) : std::nullopt;
  auto impl = std::make_unique<Impl>(
      HttpAnswers(std::move(callbacks), options.paths, std::move(token), std::move(hosts)),
      std::move(identity));
  if (auto opened = impl->listener.open(*address); !opened) return tl::make_unexpected(opened.error());
  impl->keepReserve();
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

std::string StatusServer::address() const { return impl_->listener.address().text(); }

}  // namespace hydra_clients::telemetry

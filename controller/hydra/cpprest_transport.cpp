// HTTPS, by cpprest. The only translation unit that includes it.
//
// What is made up for here, each measured on Debian's 2.10.18 (docs of the library say little of it):
//   - its time-out is one for each step: the sending thread keeps the deadline of the whole request itself;
//   - a kept connection that Hydra has closed is only noticed when the response is awaited: it is looked at
//     before each use, and a POST's body cannot be rewound (cpprest_streams.h), so that none is sent twice;
//   - it collects a head, or a chunk, however long: what the kernel counts on the connection is watched;
//   - it writes a request's head and body one after the other: they are held together (one_segment.h), for
//     which each connection has an http_client of its own, since nothing else tells whose a connection is;
//   - with its default pool a first GET starts 42 threads: one thread does, as long as nothing blocks in it.
//     One also means that cancelling a request, which is done there, meets no handler of the same request;
//   - its pool waits at the process's end for a host that is still being looked up: nobody shall wait for
//   that.

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/asio/ssl.hpp>
#include <cpprest/http_client.h>
#include <fcntl.h>
#include <pplx/threadpool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hydra/connection_slots.h"
#include "hydra/cpprest_exchange.h"
#include "hydra/cpprest_failure.h"
#include "hydra/one_segment.h"
#include "hydra/receive_watch.h"
#include "hydra/tls_trust.h"
#include "hydra/transport_faults.h"
#include "hydra/transports.h"

namespace hydra_clients::hydra {
namespace {

using Clock = std::chrono::steady_clock;
using web::http::http_response;
using web::http::client::http_client;
using web::http::client::http_client_config;
using TcpSocket = boost::asio::ip::tcp::socket;
using TlsStream = boost::asio::ssl::stream<TcpSocket&>;

constexpr std::size_t kPoolThreads = 1;
/// The kept connection of a lane can have ended; then a new one is made. One more, for a request that was
/// abandoned may have left a second.
constexpr int kMostAttempts = 3;
/// cpprest's own time-out of one step stands behind the deadline that is kept here.
constexpr std::chrono::seconds kStepGrace{2};
/// What may come beside the body: the head, chunk headers, TLS records.
constexpr std::size_t kMostBesideBody = 256 << 10;
constexpr std::size_t kBodyShareBesideBody = 8;  ///< and an eighth of the body

std::size_t mostReceived(const ConnectionOptions& options) {
  return options.maxResponseBytes + options.maxResponseBytes / kBodyShareBesideBody + kMostBesideBody;
}

/// Whether something came over an idle connection that Asio has already taken from the system, and OpenSSL
/// not yet from Asio.
bool holdsMore(SSL* tls) { return SSL_pending(tls) > 0 || BIO_pending(SSL_get_rbio(tls)) > 0; }

/// Before each request, on the connection that it got: an idle one has nothing to say, so whatever can be
/// read from it (the end, an error, a TLS alert, the rest of an earlier response) means that it is of no use.
void prepare(TlsStream& stream, ReceiveWatch& watch, OneSegment& together, std::atomic<int>& lastReused) {
  lastReused = -1;
  TcpSocket& socket = stream.next_layer();
  if (!socket.is_open()) return;  // a new one
  char byte = 0;
  const ssize_t got = recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK) || holdsMore(stream.native_handle()))
    throw StaleConnection();
  watch.begin(socket.native_handle());
  together.begin(socket.native_handle());
  lastReused = socket.native_handle();
}

/// Scheme, host and port as cpprest wants them: an IPv6 address without brackets, since it hands the host to
/// the resolver as it stands.
std::string originOf(const Endpoint& endpoint) {
  return "https://" + endpoint.host + ":" + std::to_string(endpoint.port);
}

/// Ends the request's connection. In cpprest's own thread: see the top of this file.
void abandon(const std::shared_ptr<Exchange>& exchange) {
  boost::asio::post(crossplat::threadpool::shared_instance().service(),
                    [exchange] { exchange->cancellation.cancel(); });
}

/// At the process's end, before cpprest's pool goes: where it would wait for a look-up, the rest of the end
/// is left out.
void endWithoutLingering(int status, void*) {
  if (Exchange::lingering == 0) return;
  (void)std::fflush(nullptr);
  _exit(status);
}

/// One connection's http_client. Requests may outlive it, and hold what they share with it.
struct Lane {
  std::shared_ptr<OneSegment> together = std::make_shared<OneSegment>();
  std::unique_ptr<http_client> client;
};

class CpprestTransport final : public Transport {
 public:
  CpprestTransport(const ConnectionOptions& options, std::unique_ptr<OutgoingHeaders> headers,
                   std::shared_ptr<TlsTrust> trust)
      : options_(options),
        headers_(std::move(headers)),
        trust_(std::move(trust)),
        slots_(options.maxConnections),
        watch_(std::make_shared<ReceiveWatch>(options.endpoint.port, mostReceived(options))) {
    lanes_.push_back(makeLane());  // so that what is wrong with the options is known at once
  }

  ~CpprestTransport() override { CpprestTransport::cancelAll(); }

  tl::expected<Response, TransportError> send(const Request& request) override;
  void cancelAll() override;
  FileDescriptor keptConnection() override { return FileDescriptor(fcntl(*lastReused_, F_DUPFD_CLOEXEC, 0)); }
  std::string endpoint() const override { return options_.endpoint.text(); }

 private:
  [[nodiscard]] http_client_config configuration(const std::shared_ptr<OneSegment>& together) const;
  [[nodiscard]] Lane makeLane() const;
  /// The one that was used last, since its connection is the least likely to have ended; a new one where all
  /// are in use. For the one who has a slot.
  [[nodiscard]] Lane takeLane();
  void giveBack(Lane lane);
  [[nodiscard]] std::optional<tl::expected<Response, TransportError>> sendOn(Lane& lane,
                                                                             const Request& request,
                                                                             Clock::time_point deadline);
  [[nodiscard]] std::shared_ptr<Exchange> start(Lane& lane, const Request& request);
  [[nodiscard]] web::http::http_request message(const Request& request, Exchange& exchange);
  /// Waits until it is done, cancelled or late, and meanwhile looks at what comes.
  void wait(Exchange& exchange, Clock::time_point deadline) const;
  /// nullopt: nothing was sent, since the kept connection had ended.
  [[nodiscard]] std::optional<tl::expected<Response, TransportError>> await(
      const Request& request, const std::shared_ptr<Exchange>& exchange, Clock::time_point deadline);

  const ConnectionOptions options_;
  const std::unique_ptr<OutgoingHeaders> headers_;
  const std::shared_ptr<TlsTrust> trust_;
  ConnectionSlots slots_;
  const std::shared_ptr<ReceiveWatch> watch_;
  const std::shared_ptr<std::atomic<int>> lastReused_ = std::make_shared<std::atomic<int>>(-1);

  std::mutex mutex_;  ///< guards what follows
  bool cancelled_ = false;
  std::unordered_set<std::shared_ptr<Exchange>> underWay_;
  std::vector<Lane> lanes_;  ///< that are free; at most as many as there are slots
};

Lane CpprestTransport::makeLane() const {
  Lane lane;
  lane.client =
      std::make_unique<http_client>(web::uri(originOf(options_.endpoint)), configuration(lane.together));
  return lane;
}

Lane CpprestTransport::takeLane() {
  {
    const std::lock_guard lock(mutex_);
    if (!lanes_.empty()) {
      Lane lane = std::move(lanes_.back());
      lanes_.pop_back();
      return lane;
    }
  }
  return makeLane();
}

void CpprestTransport::giveBack(Lane lane) {
  const std::lock_guard lock(mutex_);
  lanes_.push_back(std::move(lane));
}

http_client_config CpprestTransport::configuration(const std::shared_ptr<OneSegment>& together) const {
  http_client_config config;
  config.set_timeout(options_.timeout + kStepGrace);
  config.set_max_redirects(0);
  config.set_validate_certificates(!options_.skipTlsVerify);
  const bool isAddress = options_.endpoint.host.find_first_not_of("0123456789.") == std::string::npos ||
                         options_.endpoint.host.find(':') != std::string::npos;
  config.set_tlsext_sni_enabled(!isAddress);  // RFC 6066 §3: never an address
  config.set_ssl_context_callback([trust = trust_](boost::asio::ssl::context& context) {
    if (const std::string error = trust->configure(context.native_handle()); !error.empty()) {
      throw TlsSetupFailed(error);
    }
  });
  config.set_nativehandle_options(
      [watch = watch_, together, last = lastReused_](web::http::client::native_handle stream) {
        prepare(*static_cast<TlsStream*>(stream), *watch, *together, *last);
      });
  return config;
}

web::http::http_request CpprestTransport::message(const Request& request, Exchange& exchange) {
  web::http::http_request message{std::string(nameOf(request.method))};
  message.set_request_uri(web::uri(options_.endpoint.prefix + request.target));
  exchange.limit = options_.maxResponseBytes;
  exchange.sink = std::make_shared<BodySink>(options_.maxResponseBytes);
  message.set_response_stream(
      Concurrency::streams::ostream(Concurrency::streams::streambuf<std::uint8_t>(exchange.sink)));
  if (request.body) {
    exchange.source = std::make_shared<BodySource>(request.body);
    message.set_body(
        Concurrency::streams::istream(Concurrency::streams::streambuf<std::uint8_t>(exchange.source)),
        request.body->size(), "application/json");
  }
  headers_->forEach(/*hasBody=*/false, [&](std::string_view name, std::string_view value) {
    message.headers().add(std::string(name), std::string(value));
  });
  // Of an IPv6 address cpprest's Host header has no brackets. It would take one of ours for the name to
  // check, brackets and port included.
  return message;
}

std::shared_ptr<Exchange> CpprestTransport::start(Lane& lane, const Request& request) {
  auto exchange = std::make_shared<Exchange>();
  {
    const std::lock_guard lock(mutex_);
    exchange->cancelled = cancelled_;
    if (cancelled_) return exchange;
    underWay_.insert(exchange);
  }
  exchange->started = true;
  try {
    web::http::http_request out = message(request, *exchange);
    lane.together->expect(request.body != nullptr);
    if (request.body) {
      out.set_progress_handler([together = lane.together, all = request.body->size()](auto, auto written) {
        if (written >= all) together->end();
      });
    }
    lane.client->request(out, exchange->cancellation.get_token())
        .then([exchange](const http_response& head) {
          exchange->takeHead(head);
          return head.content_ready();
        })
        .then([exchange](const pplx::task<http_response>& whole) {
          std::exception_ptr failure;
          try {
            (void)whole.get();  // finished: a continuation on the task itself
            exchange->response.body = exchange->sink->take();
          } catch (...) {
            failure = std::current_exception();
            exchange->cancellation.cancel();
          }
          exchange->finish(failure);
        });
  } catch (...) {
    exchange->finish(std::current_exception());
  }
  return exchange;
}

void CpprestTransport::wait(Exchange& exchange, Clock::time_point deadline) const {
  std::unique_lock lock(exchange.mutex);
  const auto ended = [&] { return exchange.done || exchange.cancelled; };
  for (auto now = Clock::now(); now < deadline; now = Clock::now()) {
    const auto next = std::min(deadline, now + ReceiveWatch::kInterval);
    if (exchange.changed.wait_until(lock, next, ended)) return;
    lock.unlock();
    watch_->look();
    lock.lock();
  }
}

std::optional<tl::expected<Response, TransportError>> CpprestTransport::await(
    const Request& request, const std::shared_ptr<Exchange>& exchange, Clock::time_point deadline) {
  wait(*exchange, deadline);
  bool done = false;
  bool cancelled = false;
  {
    const std::lock_guard lock(exchange->mutex);
    done = exchange->done;
    cancelled = exchange->cancelled;
    exchange->givenUp = !done;
    if (!done) ++Exchange::lingering;
  }
  {
    const std::lock_guard lock(mutex_);
    underWay_.erase(exchange);
  }
  if (!done) {
    abandon(exchange);
    const bool mayHaveArrived = exchange->source ? exchange->source->seal() : exchange->started;
    return tl::unexpected(cancelled ? stopped(options_, mayHaveArrived) : timedOut(options_, mayHaveArrived));
  }
  if (!exchange->failure) {
    headers_->withholdFrom(exchange->response);
    return std::move(exchange->response);
  }
  CpprestFailure failure = inspect(*exchange);
  if (failure.stale || nothingWasWritten(failure)) return std::nullopt;
  if (watch_->hasEndedOneSince(exchange->begin)) failure.overBytes = watch_->mostBytes();
  return tl::unexpected(inWords(failure, request, options_, *trust_));
}

tl::expected<Response, TransportError> CpprestTransport::send(const Request& request) {
  const Clock::time_point deadline = Clock::now() + options_.timeout;
  if (auto refused = withoutSlot(slots_.take(deadline), options_)) return tl::unexpected(std::move(*refused));
  const TakenSlot slot(slots_);
  Lane lane = takeLane();
  auto answer = sendOn(lane, request, deadline);
  giveBack(std::move(lane));
  if (answer) return std::move(*answer);
  return tl::unexpected(
      TransportError{TransportError::Kind::kClosed, false, endpoint() + ": every kept connection has ended"});
}

std::optional<tl::expected<Response, TransportError>> CpprestTransport::sendOn(Lane& lane,
                                                                               const Request& request,
                                                                               Clock::time_point deadline) {
  std::optional<tl::expected<Response, TransportError>> answer;
  for (int attempt = 0; attempt < kMostAttempts && !answer; ++attempt) {
    answer = await(request, start(lane, request), deadline);
  }
  return answer;
}

void CpprestTransport::cancelAll() {
  slots_.close();
  std::unordered_set<std::shared_ptr<Exchange>> ended;
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    ended.swap(underWay_);
  }
  for (const auto& exchange : ended) {
    {
      const std::lock_guard lock(exchange->mutex);
      exchange->cancelled = true;
    }
    exchange->changed.notify_all();
  }
}

}  // namespace

tl::expected<std::unique_ptr<Transport>, std::string> makeCpprestTransport(
    const ConnectionOptions& options, std::unique_ptr<OutgoingHeaders> headers) {
  // Sets up OpenSSL, which is therefore put away after cpprest's threads, when they have given back what each
  // of them holds of it.
  auto trust = TlsTrust::make(options);
  if (!trust) return tl::unexpected(trust.error());
  static std::once_flag once;
  std::call_once(once, [] {
    try {
      crossplat::threadpool::initialize_with_threads(kPoolThreads);
    } catch (const std::exception&) {
      // Somebody has used cpprest before: slower, and right all the same.
    }
    (void)on_exit(endWithoutLingering, nullptr);
  });
  try {
    return std::make_unique<CpprestTransport>(options, std::move(headers), std::move(*trust));
  } catch (const std::exception& error) {
    return tl::unexpected(options.endpoint.text() + ": " + error.what());
  }
}

}  // namespace hydra_clients::hydra

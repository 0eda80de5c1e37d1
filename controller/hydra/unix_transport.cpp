// HTTP over a unix socket by Boost.Beast, since cpprest speaks none. No thread of its own: each sending
// thread drives the io_context of the connection that it holds.

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fcntl.h>
#include <sys/socket.h>

#include "hydra/connection_slots.h"
#include "hydra/transport_faults.h"
#include "hydra/transports.h"

namespace hydra_clients::hydra {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Kind = TransportError::Kind;
using Socket = boost::asio::local::stream_protocol::socket;

constexpr std::uint32_t kMostHeaderBytes = 64 << 10;
/// Of one connection: what has come and is not parsed yet.
constexpr std::size_t kMostBufferedBytes = std::size_t{2} * kMostHeaderBytes;
/// A listener whose queue is full refuses at once (EAGAIN) instead of letting the caller wait.
constexpr std::chrono::milliseconds kQueueFullPause{5};

/// A response's body, at most `limit` bytes of it. Beast's own limit (1.74) is passed over where the first
/// bytes of the body come together with the head.
struct BoundedBody {
  struct value_type {
    std::string bytes;
    std::size_t limit = 0;
  };
  class reader {
   public:
    template <bool isRequest, class Fields>
    reader(http::header<isRequest, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>& length, error_code& error) {
      error =
          length.value_or(0) > body_.limit ? http::make_error_code(http::error::body_limit) : error_code();
      if (!error && length) body_.bytes.reserve(static_cast<std::size_t>(*length));
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& error) {
      const std::size_t count = boost::beast::buffer_bytes(buffers);
      error = count > body_.limit - body_.bytes.size() ? http::make_error_code(http::error::body_limit)
                                                       : error_code();
      if (error) return 0;
      for (const auto& part : boost::beast::buffers_range_ref(buffers)) {
        body_.bytes.append(static_cast<const char*>(part.data()), part.size());
      }
      return count;
    }
    void finish(error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

/// One connection and the loop that drives it. All calls from the thread that holds it, but cancel().
class Connection {
 public:
  Connection() : socket_(loop_) {}

  /// Starts an operation by start(handler) and runs it until it ends or the deadline has passed, which ends
  /// the connection. `moved` counts the bytes, also of an operation that failed.
  template <typename Start>
  [[nodiscard]] error_code run(Clock::time_point deadline, std::size_t& moved, Start&& start) {
    std::optional<error_code> result;
    start([&](error_code error, std::size_t bytes = 0) {
      result = error;
      moved += bytes;
    });
    loop_.restart();
    loop_.run_until(deadline);
    if (!result) {
      timedOut_ = true;
      close();
      loop_.restart();
      loop_.run();
    }
    return *result;
  }

  void cancel() {
    boost::asio::post(loop_, [this] {
      cancelled_ = true;
      close();
    });
  }

  /// Whether an idle connection can be used again: one that has ended, or that holds what nobody asked for,
  /// cannot.
  [[nodiscard]] bool isQuiet() {
    char byte = 0;
    const ssize_t got = recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  [[nodiscard]] Socket& socket() { return socket_; }
  [[nodiscard]] boost::beast::flat_buffer& buffer() { return buffer_; }
  [[nodiscard]] bool timedOut() const { return timedOut_; }
  [[nodiscard]] bool cancelled() const { return cancelled_; }
  [[nodiscard]] bool reused() const { return reused_; }
  void markReused() { reused_ = true; }

 private:
  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

  boost::asio::io_context loop_{1};
  Socket socket_;
  boost::beast::flat_buffer buffer_{kMostBufferedBytes};
  bool timedOut_ = false;
  bool cancelled_ = false;
  bool reused_ = false;
};

using ConnectionPtr = std::shared_ptr<Connection>;
using RequestMessage = http::request<http::span_body<const char>>;
using ResponseParser = http::response_parser<BoundedBody>;

bool isOutOfDescriptors(const error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system;
}

/// How one attempt on one connection ended.
struct Attempt {
  tl::expected<Response, TransportError> answer;
  bool untouchedAndReused = false;  ///< a kept connection that ended before a byte of an answer came
};

class UnixTransport final : public Transport {
 public:
  UnixTransport(const ConnectionOptions& options, std::unique_ptr<OutgoingHeaders> headers)
      : options_(options), headers_(std::move(headers)), slots_(options.maxConnections) {}
  ~UnixTransport() override { UnixTransport::cancelAll(); }

  tl::expected<Response, TransportError> send(const Request& request) override;
  void cancelAll() override;
  FileDescriptor keptConnection() override;
  std::string endpoint() const override { return options_.endpoint.text(); }

 private:
  [[nodiscard]] tl::expected<Response, TransportError> sendInSlot(const Request& request,
                                                                  Clock::time_point deadline);
  [[nodiscard]] tl::expected<ConnectionPtr, TransportError> connection(Clock::time_point deadline);
  [[nodiscard]] ConnectionPtr idleConnection();
  [[nodiscard]] error_code connect(const ConnectionPtr& connection, Clock::time_point deadline);
  [[nodiscard]] Attempt attempt(const Request& request, const ConnectionPtr& connection,
                                Clock::time_point deadline);
  [[nodiscard]] RequestMessage message(const Request& request);
  void hold(const ConnectionPtr& connection);
  void giveBack(const ConnectionPtr& connection, bool keep);
  [[nodiscard]] TransportError connectFailed(const Connection& connection, error_code error) const;
  [[nodiscard]] TransportError failed(const Connection& connection, error_code error, bool mayHaveArrived,
                                      bool answerBegun) const;

  const ConnectionOptions options_;
  const std::unique_ptr<OutgoingHeaders> headers_;
  ConnectionSlots slots_;

  std::mutex mutex_;  ///< guards what follows
  bool cancelled_ = false;
  std::vector<ConnectionPtr> idle_;  ///< at most maxConnections: one for each slot
  std::unordered_set<ConnectionPtr> held_;
};

tl::expected<Response, TransportError> UnixTransport::send(const Request& request) {
  const Clock::time_point deadline = Clock::now() + options_.timeout;
  switch (slots_.take(deadline)) {
    case ConnectionSlots::Outcome::kTimeout:
      return tl::unexpected(timedOut(options_, /*mayHaveArrived=*/false));
    case ConnectionSlots::Outcome::kClosed:
      return tl::unexpected(TransportError{Kind::kCancelled, false, "stopped before asking " + endpoint()});
    case ConnectionSlots::Outcome::kTaken:
      break;
  }
  const TakenSlot slot(slots_);
  return sendInSlot(request, deadline);
}

tl::expected<Response, TransportError> UnixTransport::sendInSlot(const Request& request,
                                                                 Clock::time_point deadline) {
  const std::size_t mostAttempts = options_.maxConnections + 1;
  for (std::size_t i = 1;; ++i) {
    auto taken = connection(deadline);
    if (!taken) return tl::unexpected(taken.error());
    Attempt result = [&] {
      try {
        return attempt(request, *taken, deadline);
      } catch (...) {  // of memory, mostly: the connection is not held for ever
        giveBack(*taken, /*keep=*/false);
        throw;
      }
    }();
    // What was not written may go to another connection; what only reads may be asked twice.
    const bool mayRepeat = result.untouchedAndReused && i < mostAttempts &&
                           (request.method != Method::kPost || !result.answer.error().mayHaveArrived);
    if (!mayRepeat) return std::move(result.answer);
  }
}

ConnectionPtr UnixTransport::idleConnection() {
  const std::lock_guard lock(mutex_);
  while (!idle_.empty()) {
    ConnectionPtr connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->isQuiet()) {
      connection->markReused();
      return connection;
    }
  }
  return nullptr;
}

tl::expected<ConnectionPtr, TransportError> UnixTransport::connection(Clock::time_point deadline) {
  if (ConnectionPtr kept = idleConnection()) {
    hold(kept);
    return kept;
  }
  ConnectionPtr fresh;
  try {
    fresh = std::make_shared<Connection>();
  } catch (const boost::system::system_error& error) {  // its loop takes three descriptors
    if (isOutOfDescriptors(error.code())) return tl::unexpected(outOfDescriptors(options_));
    throw;
  }
  hold(fresh);
  if (const error_code error = connect(fresh, deadline)) {
    auto fault = connectFailed(*fresh, error);
    giveBack(fresh, /*keep=*/false);
    return tl::unexpected(std::move(fault));
  }
  return fresh;
}

error_code UnixTransport::connect(const ConnectionPtr& connection, Clock::time_point deadline) {
  const boost::asio::local::stream_protocol::endpoint address(options_.endpoint.socketPath);
  for (;;) {  // bounded by the deadline
    std::size_t unused = 0;
    const error_code error = connection->run(deadline, unused, [&](auto handler) {
      connection->socket().async_connect(address, [handler](error_code ec) mutable { handler(ec); });
    });
    const bool queueFull = error == boost::asio::error::would_block || error == boost::asio::error::try_again;
    if (!queueFull || Clock::now() + kQueueFullPause >= deadline) return error;
    error_code ignored;
    connection->socket().close(ignored);
    std::this_thread::sleep_for(kQueueFullPause);
  }
}

RequestMessage UnixTransport::message(const Request& request) {
  RequestMessage message;
  message.version(11);
  message.method_string(std::string(nameOf(request.method)));
  message.target(options_.endpoint.prefix + request.target);
  if (!headers_->isGiven("host")) message.set(http::field::host, "unix");
  headers_->forEach(request.body != nullptr, [&](std::string_view name, std::string_view value) {
    message.insert(boost::string_view(name.data(), name.size()),
                   boost::string_view(value.data(), value.size()));
  });
  if (request.body) {
    const std::string_view bytes = request.body->reveal(Purpose::kPostBody);
    message.body() = {bytes.data(), bytes.size()};
    message.content_length(bytes.size());
  }
  return message;
}

Attempt UnixTransport::attempt(const Request& request, const ConnectionPtr& connection,
                               Clock::time_point deadline) {
  RequestMessage outgoing = message(request);
  std::size_t written = 0;
  error_code error = connection->run(deadline, written, [&](auto handler) {
    http::async_write(connection->socket(), outgoing, std::move(handler));
  });

  ResponseParser parser;
  parser.header_limit(kMostHeaderBytes);
  parser.body_limit(options_.maxResponseBytes);  // of a told length; BoundedBody counts what comes
  parser.get().body().limit = options_.maxResponseBytes;
  parser.skip(request.method == Method::kHead);
  std::size_t read = 0;
  // A server may answer, and hang up, before it has taken the whole request: its answer counts.
  if (!error || (written > 0 && !connection->timedOut() && !connection->cancelled())) {
    error = connection->run(deadline, read, [&](auto handler) {
      http::async_read(connection->socket(), connection->buffer(), parser, std::move(handler));
    });
  }

  if (error) {
    const bool answerBegun = read > 0;
    const bool ended = !connection->timedOut() && !connection->cancelled();
    Attempt result{tl::unexpected(failed(*connection, error, written > 0, answerBegun)),
                   connection->reused() && ended && !answerBegun};
    giveBack(connection, /*keep=*/false);
    return result;
  }
  Response response;
  response.status = static_cast<int>(parser.get().result_int());
  response.headers = readResponseHeaders([&](const char* name) { return std::string(parser.get()[name]); });
  response.body = std::move(parser.get().body().bytes);
  giveBack(connection, parser.get().keep_alive());
  headers_->withholdFrom(response);
  return {std::move(response), false};
}

void UnixTransport::hold(const ConnectionPtr& connection) {
  const std::lock_guard lock(mutex_);
  held_.insert(connection);
  if (cancelled_) connection->cancel();
}

void UnixTransport::giveBack(const ConnectionPtr& connection, bool keep) {
  const std::lock_guard lock(mutex_);
  held_.erase(connection);
  if (keep && !cancelled_ && connection->buffer().size() == 0) idle_.push_back(connection);
}

FileDescriptor UnixTransport::keptConnection() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return {};
  return FileDescriptor(fcntl(idle_.back()->socket().native_handle(), F_DUPFD_CLOEXEC, 0));
}

void UnixTransport::cancelAll() {
  slots_.close();
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  idle_.clear();
  for (const ConnectionPtr& connection : held_) connection->cancel();
}

TransportError UnixTransport::connectFailed(const Connection& connection, error_code error) const {
  const std::string where = endpoint();
  if (connection.cancelled()) return {Kind::kCancelled, false, "stopped while connecting to " + where};
  if (connection.timedOut()) return timedOut(options_, /*mayHaveArrived=*/false);
  if (isOutOfDescriptors(error)) return outOfDescriptors(options_);
  std::string why = error.message();
  if (error == boost::system::errc::no_such_file_or_directory) {
    why = "there is no such socket: is Hydra running, with SERVE_ADMIN_HOST=unix:" +
          options_.endpoint.socketPath + "?";
  } else if (error == boost::system::errc::permission_denied) {
    why = "the socket's permissions do not allow it: see SERVE_ADMIN_SOCKET_MODE, _OWNER and _GROUP of Hydra";
  } else if (error == boost::system::errc::connection_refused) {
    why = "nothing listens there: is Hydra running? (a socket file alone may be left from an earlier run)";
  } else if (error == boost::system::errc::wrong_protocol_type ||
             error == boost::system::errc::not_a_socket) {
    why = "it is not a socket of the right kind";
  }
  return {Kind::kConnect, false, "cannot connect to " + where + ": " + why};
}

TransportError UnixTransport::failed(const Connection& connection, error_code error, bool mayHaveArrived,
                                     bool answerBegun) const {
  const std::string where = endpoint();
  if (connection.cancelled())
    return {Kind::kCancelled, mayHaveArrived, "stopped before " + where + " had answered"};
  if (connection.timedOut()) return timedOut(options_, mayHaveArrived);
  const bool headTooLarge = error == http::error::header_limit || error == http::error::buffer_overflow;
  if (headTooLarge || error == http::error::body_limit) {
    const std::size_t limit = headTooLarge ? kMostHeaderBytes : options_.maxResponseBytes;
    return {Kind::kTooLarge, true,
            where + ": the response" + (headTooLarge ? "'s head" : "") + " is over " + std::to_string(limit) +
                " bytes"};
  }
  const bool isHttpFault = error.category() == http::make_error_code(http::error::bad_version).category();
  if (isHttpFault && error != http::error::end_of_stream && error != http::error::partial_message) {
    return {Kind::kProtocol, mayHaveArrived,
            where + " answered with something that is not HTTP: is this Hydra's admin socket?"};
  }
  return {Kind::kClosed, mayHaveArrived,
          where + (answerBegun ? " closed the connection in the middle of its answer"
                               : " closed the connection without an answer")};
}

}  // namespace

std::unique_ptr<Transport> makeUnixTransport(const ConnectionOptions& options,
                                             std::unique_ptr<OutgoingHeaders> headers) {
  return std::make_unique<UnixTransport>(options, std::move(headers));
}

}  // namespace hydra_clients::hydra

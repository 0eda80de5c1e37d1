#include "telemetry/connection.h"

#include <ctime>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/fmt/chrono.h>

namespace hydra_clients::telemetry {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::chrono::seconds kTimeout{StatusServer::kRequestTimeoutSeconds};
/// Of an answer, beyond kTimeout: a page over a slow line gets all of a large one.
constexpr std::size_t kLeastBytesPerSecond = 1 << 20;
/// After the last answer the caller's remaining bytes are read and thrown away for a moment: closing with
/// unread bytes would reset the connection and might take the answer with it.
constexpr std::chrono::seconds kDrainTimeout{1};
constexpr std::size_t kMaxDrainedBytes = 256 << 10;
/// What the kernel keeps of an answer that its caller does not take; left to itself it keeps megabytes.
constexpr int kSendBufferBytes = 128 << 10;

/// Nothing but the page's own files and its own origin; no text ever becomes markup or a script.
constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

std::string_view viewOf(beast::string_view text) { return {text.data(), text.size()}; }

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7), whatever the process's locale.
std::string httpDate() {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr)));
}

/// Whether a body follows whose end cannot be known (RFC 9112 §6.3): its bytes must not pass for a request.
template <typename Parser>
bool hasUnknownLength(const Parser& parser) {
  return parser.get().count(http::field::transfer_encoding) != 0 && !parser.chunked();
}

/// RFC 9112 §3.2: a request names one host, and none only in HTTP/1.0. A proxy in front may have gone by the
/// other one.
template <typename Parser>
bool namesNoHostOrTwo(const Parser& parser) {
  constexpr unsigned kHttp11 = 11;
  const std::size_t hosts = parser.get().count(http::field::host);
  return hosts > 1 || (hosts == 0 && parser.get().version() >= kHttp11);
}

bool isBadHttp(const beast::error_code& error) {
  return error.category() == http::make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

}  // namespace

Connection::Connection(CallerStream::Socket socket, std::shared_ptr<boost::asio::ssl::context> tls,
                       HttpAnswers& answers, Closed closed, Answering answering)
    : stream_(std::move(socket), std::move(tls)),
      buffer_(StatusServer::kMaxRequestBytes),
      answers_(answers),
      closed_(std::move(closed)),
      answering_(std::move(answering)) {
  Error ignored;
  stream_.socket().set_option(boost::asio::socket_base::send_buffer_size(kSendBufferBytes), ignored);
}

void Connection::start() {
  if (!stream_.isTls()) return readRequest();
  stream_.expireAfter(kTimeout);
  stream_.asyncHandshake([self = shared_from_this()](Error error) {
    if (error) return self->close();
    self->readRequest();
  });
}

void Connection::close() {
  Error ignored;
  stream_.socket().close(ignored);
  if (closed_) std::exchange(closed_, nullptr)(this);
}

void Connection::readRequest() {
  idle_ = true;
  request_.emplace();
  request_->header_limit(static_cast<std::uint32_t>(StatusServer::kMaxRequestBytes));
  request_->body_limit(StatusServer::kMaxRequestBytes);
  stream_.expireAfter(kTimeout);  // for the whole request, however it trickles in
  http::async_read(stream_, buffer_, *request_,
                   [self = shared_from_this()](Error error, std::size_t) { self->onRequest(error); });
}

void Connection::onRequest(Error error) {
  if (!error && hasUnknownLength(*request_)) error = http::error::bad_transfer_encoding;
  if (!error && namesNoHostOrTwo(*request_)) error = http::error::bad_field;
  if (!error) {
    answerRequest();
  } else if (isBadHttp(error)) {
    refuse(error);
  } else {
    close();
  }
}

void Connection::answerRequest() {
  const auto& request = request_->get();
  const auto header = [&](beast::string_view name) { return viewOf(request[name]); };
  const HttpQuestion question{.method = viewOf(request.method_string()),
                              .target = viewOf(request.target()),
                              .host = header("Host"),
                              .origin = header("Origin"),
                              .fetchSite = header("Sec-Fetch-Site"),
                              .revision = header("Gitsync-Hash"),
                              .knownTag = header("If-None-Match"),
                              .authorization = header("Authorization"),
                              .acceptEncoding = header("Accept-Encoding")};
  const bool withBody = request.method() != http::verb::head;
  write(answers_.to(question), request.version(), request.keep_alive(), withBody);
}

void Connection::refuse(Error error) {
  constexpr unsigned kVersion = 11;
  HttpAnswer answer = plainAnswer(400, "not an HTTP request\n");
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    answer = plainAnswer(431, "the request's header is too large\n");
  } else if (error == http::error::body_limit) {
    answer = plainAnswer(413, "the request's body is too large\n");
  } else if (error == http::error::bad_field) {
    answer = plainAnswer(400, "a field of the request's header is wrong: it names one host, once\n");
  }
  write(std::move(answer), kVersion, /*keepAlive=*/false, /*withBody=*/true);
}

void Connection::write(HttpAnswer answer, unsigned version, bool keepAlive, bool withBody) {
  idle_ = false;
  body_ = std::move(answer.body);
  answerBegan_ = Clock::now();
  response_.emplace(http::int_to_status(answer.status), version);
  response_->set(http::field::content_type,
                 beast::string_view(answer.contentType.data(), answer.contentType.size()));
  response_->set(http::field::cache_control, "no-store");
  response_->set(http::field::date, httpDate());
  response_->set("X-Content-Type-Options", "nosniff");
  response_->set("Cross-Origin-Resource-Policy", "same-origin");
  if (!answer.allow.empty()) {
    response_->set(http::field::allow, beast::string_view(answer.allow.data(), answer.allow.size()));
  }
  if (!answer.tag.empty()) {
    response_->set(http::field::etag, answer.tag);
    response_->set(http::field::vary, "Accept-Encoding");
  }
  if (answer.isGzip) response_->set(http::field::content_encoding, "gzip");
  if (answer.wantsToken) response_->set(http::field::www_authenticate, "Bearer");
  if (answer.isPage) {
    response_->set("Content-Security-Policy", kPagePolicy);
    response_->set("Cross-Origin-Opener-Policy", "same-origin");
    response_->set("Referrer-Policy", "no-referrer");
  }
  response_->keep_alive(keepAlive);
  const bool hasBody = response_->result() != http::status::not_modified;
  if (hasBody) response_->content_length(body_->size());
  if (hasBody && withBody) response_->body() = {body_->data(), body_->size()};
  serializer_.emplace(*response_);
  stream_.expireAfter(kTimeout + std::chrono::seconds(body_->size() / kLeastBytesPerSecond));
  http::async_write(stream_, *serializer_, [self = shared_from_this(), keepAlive](Error error, std::size_t) {
    self->onWritten(error, keepAlive);
  });
  answering_();
}

void Connection::onWritten(Error error, bool keepAlive) {
  if (error) return close();
  lastUsed_ = Clock::now();
  serializer_.reset();
  response_.reset();
  body_.reset();
  if (keepAlive) return readRequest();
  idle_ = true;
  stream_.expireAfter(kDrainTimeout);
  if (!stream_.isTls()) return sayGoodbye();
  stream_.asyncShutdown([self = shared_from_this()](Error) { self->sayGoodbye(); });
}

void Connection::sayGoodbye() {
  Error error;
  stream_.socket().shutdown(boost::asio::socket_base::shutdown_send, error);
  if (error) return close();
  stream_.expireAfter(kDrainTimeout);
  drain();
}

void Connection::drain() {
  buffer_.clear();
  stream_.asyncReadRaw(
      buffer_.prepare(StatusServer::kMaxRequestBytes),
      [self = shared_from_this()](Error error, std::size_t bytes) { self->onDrained(error, bytes); });
}

void Connection::onDrained(Error error, std::size_t bytes) {
  drained_ += bytes;
  if (error || drained_ > kMaxDrainedBytes) return close();
  drain();
}

}  // namespace hydra_clients::telemetry

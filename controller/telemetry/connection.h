#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>

#include "telemetry/caller_stream.h"
#include "telemetry/http_answer.h"

namespace hydra_clients::telemetry {

/// One caller of the status server: request, answer, request, …, each leg within StatusServer's limits, then
/// gone. Everything happens on the thread of the socket's io_context.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;
  using Closed = std::function<void(Connection*)>;
  using Answering = std::function<void()>;

  /// `tls`: null for a caller in the clear. `answers` must outlive the io_context's thread. `closed` is
  /// called once, when the socket has been closed; `answering` whenever an answer begins to be sent.
  Connection(CallerStream::Socket socket, std::shared_ptr<boost::asio::ssl::context> tls,
             HttpAnswers& answers, Closed closed, Answering answering);

  void start();
  /// Closes the socket at once. What is under way ends without an answer.
  void close();

  /// Nothing is owed to the caller: no whole request has come that is not answered.
  [[nodiscard]] bool isIdle() const { return idle_; }
  /// When the caller last did something that counts: came, or took an answer.
  [[nodiscard]] Clock::time_point lastUsed() const { return lastUsed_; }
  /// What is being sent, and since when; null where nothing is.
  [[nodiscard]] const std::shared_ptr<const std::string>& body() const { return body_; }
  [[nodiscard]] Clock::time_point answerBegan() const { return answerBegan_; }

 private:
  using Request = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Response = boost::beast::http::response<boost::beast::http::span_body<const char>>;
  using Error = boost::beast::error_code;

  void readRequest();
  void onRequest(Error error);
  void answerRequest();
  void refuse(Error error);
  void write(HttpAnswer answer, unsigned version, bool keepAlive, bool withBody);
  void onWritten(Error error, bool keepAlive);
  void sayGoodbye();
  void drain();
  void onDrained(Error error, std::size_t bytes);

  CallerStream stream_;
  boost::beast::flat_buffer buffer_;
  HttpAnswers& answers_;
  Closed closed_;
  Answering answering_;
  std::optional<Request> request_;
  std::optional<Response> response_;
  std::optional<boost::beast::http::serializer<false, Response::body_type>> serializer_;
  std::shared_ptr<const std::string> body_;  ///< what response_ points into
  std::size_t drained_ = 0;
  bool idle_ = true;
  Clock::time_point lastUsed_ = Clock::now();
  Clock::time_point answerBegan_ = lastUsed_;
};

}  // namespace hydra_clients::telemetry

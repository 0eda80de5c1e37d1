// One connection: reads requests, asks the Service, and sends its answers, with the faults that concern time
// and the wire. A template over the stream: TCP, TLS over TCP, unix.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>  // before Boost: Asio 1.74 uses std::exchange without it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "go_url.h"
#include "service.h"
#include "wire.h"

namespace sandbox {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

/// The parsed head and body as the sandbox's own request; nothing when Go would answer 400.
std::optional<Request> to_request(http::request<http::string_body>& parsed);

template <class Stream>
class Connection {
 public:
  Connection(Stream stream, Service& service, std::uint64_t number)
      : stream_(std::move(stream)), timer_(stream_.get_executor()), service_(service), number_(number) {}

  Stream& stream() { return stream_; }
  auto& socket() { return beast::get_lowest_layer(stream_); }

  /// Serves requests until either side ends the connection.
  asio::awaitable<void> serve() {
    while (co_await serve_one()) {
    }
    beast::error_code ignored;
    socket().shutdown(asio::socket_base::shutdown_both, ignored);
    socket().close(ignored);
  }

  /// Sends a text that is no answer to a request, such as Go's to plain HTTP on a TLS port.
  asio::awaitable<void> send_raw(std::string text) {
    beast::error_code error;
    co_await asio::async_write(socket(), asio::buffer(text),
                               asio::redirect_error(asio::use_awaitable, error));
  }

  beast::flat_buffer& buffer() { return buffer_; }

 private:
  static constexpr std::uint32_t kHeaderLimit = 1024 * 1024;  // Go's DefaultMaxHeaderBytes
  static constexpr std::size_t kPadPiece = std::size_t{64} * 1024;

  asio::awaitable<bool> serve_one() {
    http::request_parser<http::string_body> parser;
    parser.header_limit(kHeaderLimit);
    parser.body_limit(std::numeric_limits<std::uint64_t>::max());
    beast::error_code error;
    co_await http::async_read_header(stream_, buffer_, parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return co_await refuse_if_malformed(error);
    const bool wants_continue = beast::iequals(parser.get()[http::field::expect], "100-continue");
    if (wants_continue && !co_await write("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
    co_await http::async_read(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return co_await refuse_if_malformed(error);
    const bool keep_alive = parser.get().keep_alive();
    const bool old_http = parser.get().version() < 11;
    std::optional<Request> request = to_request(parser.get());
    if (!request) {
      co_await write(
          "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
          "400 Bad Request");
      co_return false;
    }
    const FaultPlan plan = service_.begin(*request);
    co_return co_await respond(*request, plan, keep_alive, old_http);
  }

  asio::awaitable<bool> respond(const Request& request, const FaultPlan& plan, bool keep_alive,
                                bool old_http) {
    co_await wait(plan.delay_before);
    if (plan.drop_before) {
      service_.note_dropped(request, number_);
      if (plan.reset) reset();
      co_return false;
    }
    const Answer answer = service_.answer(request, plan, number_);
    co_await wait(plan.delay_after);
    if (plan.drop_after || answer.hang_up) {
      if (plan.reset) reset();
      co_return false;
    }
    const WireOptions options{.http_1_0 = old_http,
                              .head_only = request.method == "HEAD",
                              .say_close = !keep_alive,
                              .pad_bytes = static_cast<std::size_t>(plan.pad_bytes)};
    const WireMessage message = to_wire(answer.response, options);
    const bool sent = co_await send(message, plan);
    co_return sent&& keep_alive && !plan.close_after && !plan.cut_wire_at;
  }

  asio::awaitable<bool> send(const WireMessage& message, const FaultPlan& plan) {
    std::string body = message.body;
    if (plan.cut_wire_at) {
      const auto whole = static_cast<double>(body.size());
      const auto kept = *plan.cut_wire_at >= 0 ? static_cast<std::size_t>(*plan.cut_wire_at)
                                               : static_cast<std::size_t>(whole * plan.cut_wire_fraction);
      body.resize(std::min(body.size(), kept));
    }
    if (plan.bytes_per_second > 0) {
      if (!co_await write(message.head)) co_return false;
      co_return co_await drip(body, plan.bytes_per_second);
    }
    if (message.pad_bytes == 0) {
      const std::string whole = message.head + body;
      co_return co_await write(whole);
    }
    if (!co_await write(message.head)) co_return false;
    for (std::size_t left = message.pad_bytes; left > 0;) {
      const std::size_t size = std::min(left, kPadPiece);
      const std::string piece = padding_chunk(size);
      if (!co_await write(piece)) co_return false;
      left -= size;
    }
    co_return co_await write(body);
  }

  /// Ten pieces a second, or one byte at a time where that is slower.
  asio::awaitable<bool> drip(const std::string& body, std::int64_t bytes_per_second) {
    const auto piece = static_cast<std::size_t>(std::max<std::int64_t>(bytes_per_second / 10, 1));
    const auto pause =
        std::chrono::microseconds(static_cast<std::int64_t>(piece) * 1'000'000 / bytes_per_second);
    for (std::size_t at = 0; at < body.size(); at += piece) {
      const std::string part = body.substr(at, piece);
      if (!co_await write(part)) co_return false;
      co_await wait(std::chrono::duration_cast<std::chrono::milliseconds>(pause));
    }
    co_return true;
  }

  asio::awaitable<bool> refuse_if_malformed(beast::error_code error) {
    // The peer's ordinary end, or a broken connection: nobody is there to be told.
    if (error == http::error::end_of_stream || error == http::error::partial_message ||
        error.category() != make_error_code(http::error::bad_version).category()) {
      co_return false;
    }
    co_await write(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
        "400 Bad Request");
    co_return false;
  }

  asio::awaitable<bool> write(std::string_view text) {
    beast::error_code error;
    co_await asio::async_write(stream_, asio::buffer(text.data(), text.size()),
                               asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

  asio::awaitable<void> wait(std::chrono::milliseconds time) {
    if (time.count() <= 0) co_return;
    timer_.expires_after(time);
    beast::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  void reset() {
    beast::error_code ignored;
    socket().set_option(asio::socket_base::linger(/*enable=*/true, /*seconds=*/0), ignored);
    socket().close(ignored);
  }

  Stream stream_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  Service& service_;
  std::uint64_t number_;
};

}  // namespace sandbox

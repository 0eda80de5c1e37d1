#include "hydra/http_exchange.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http.hpp>

#include "hydra/bounded_body.h"

namespace hydra_clients::hydra {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using RequestMessage = http::request<http::span_body<const char>>;
using ResponseParser = http::response_parser<BoundedBody>;

constexpr int kSwitchingProtocols = 101;
/// A server sends one or two before its answer (100, 103), or none.
constexpr int kMostInterim = 8;

boost::beast::string_view view(std::string_view text) { return {text.data(), text.size()}; }

RequestMessage message(const Request& request, const ConnectionOptions& options, OutgoingHeaders& headers) {
  constexpr unsigned kVersion = 11;
  RequestMessage message;
  message.version(kVersion);
  message.method_string(view(nameOf(request.method)));
  message.target(options.endpoint.prefix + request.target);
  const bool isUnix = options.endpoint.scheme == Endpoint::Scheme::kUnix;
  if (!headers.isGiven("host"))
    message.set(http::field::host, isUnix ? "unix" : options.endpoint.authority());
  headers.forEach(request.body != nullptr, [&](std::string_view name, std::string_view value) {
    message.insert(view(name), view(value));
  });
  if (request.body) {
    const std::string_view bytes = request.body->reveal(Purpose::kPostBody);
    message.body() = {bytes.data(), bytes.size()};
    message.content_length(bytes.size());
  }
  return message;
}

bool isInterim(const ResponseParser& parser) {
  const unsigned status = parser.get().result_int();
  return status / 100 == 1 && status != kSwitchingProtocols;
}

/// Whether what came, and was cut, may have been HTTP. A TLS server's alert is shorter than a status line.
bool beganAsHttp(const SocketConnection& connection) {
  constexpr std::string_view kBegin = "HTTP/";
  const auto unread = connection.buffer().data();
  if (unread.size() < connection.socket().bytesReceived()) return true;  // a status line was read
  const std::string_view begin(static_cast<const char*>(unread.data()),
                               std::min(unread.size(), kBegin.size()));
  return kBegin.starts_with(begin);
}

/// A header's value. Several lines of one name are one list (RFC 9110 §5.2): a proxy may split up a Link.
std::string valueOf(const ResponseParser& parser, const char* name) {
  std::string value;
  const auto [first, last] = parser.get().equal_range(name);
  for (auto line = first; line != last; ++line) {
    if (line != first) value += ", ";
    value.append(line->value().data(), line->value().size());
  }
  return value;
}

Answer answerOf(ResponseParser& parser) {
  Answer answer;
  answer.response.status = static_cast<int>(parser.get().result_int());
  answer.response.headers = readResponseHeaders([&](const char* name) { return valueOf(parser, name); });
  answer.response.body = std::move(parser.get().body().bytes);
  answer.keepsConnection = parser.keep_alive() && answer.response.status != kSwitchingProtocols;
  return answer;
}

tl::expected<Answer, error_code> readAnswer(SocketConnection& connection, const Request& request,
                                            const ConnectionOptions& options) {
  for (int interim = 0; interim <= kMostInterim; ++interim) {
    ResponseParser parser;
    parser.header_limit(SocketConnection::kMostHeaderBytes);
    parser.body_limit(options.maxResponseBytes);  // of a told length; BoundedBody counts what comes
    parser.get().body().limit = options.maxResponseBytes;
    parser.get().body().likely = request.likelyBytes;
    parser.skip(request.method == Method::kHead);
    error_code error;
    http::read(connection.socket(), connection.buffer(), parser, error);
    if (error == http::error::partial_message && !beganAsHttp(connection)) error = http::error::bad_version;
    if (error) return tl::unexpected(error);
    if (!isInterim(parser)) return answerOf(parser);
  }
  return tl::unexpected(make_error_code(http::error::bad_status));
}

/// A server may answer, and hang up, before it has taken the whole request: its answer counts.
bool mayBeAnswered(const StreamSocket& socket, const error_code& error) {
  return socket.bytesSent() > 0 && error != boost::beast::error::timeout &&
         error != boost::asio::error::operation_aborted;
}

}  // namespace

tl::expected<Answer, error_code> exchange(SocketConnection& connection, const Request& request,
                                          const ConnectionOptions& options, OutgoingHeaders& headers) {
  const RequestMessage outgoing = message(request, options, headers);
  error_code error;
  http::write(connection.socket(), outgoing, error);
  if (error && !mayBeAnswered(connection.socket(), error)) return tl::unexpected(error);
  auto answer = readAnswer(connection, request, options);
  if (answer && (error || connection.buffer().size() > 0)) answer->keepsConnection = false;
  connection.wipe();
  return answer;
}

}  // namespace hydra_clients::hydra

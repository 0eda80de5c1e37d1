#include "wire.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <ostream>  // Beast 1.74 forgets it

#include <boost/beast/http/status.hpp>

namespace sandbox {
namespace {

constexpr std::size_t kGoBuffer =
    2048;  // net/http: a handler's first 2 KiB are held back to learn the length
constexpr std::size_t kChunk = std::size_t{32} * 1024;

/// The Date header; made once a second.
const std::string& date_now() {
  static std::time_t made_at = 0;
  static std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 40> buffer{};
    std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    text = buffer.data();
    made_at = now;
  }
  return text;
}

std::string chunk_head(std::size_t size) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%zx\r\n", size);
  return text.data();
}

std::string chunked(const std::string& body) {
  std::string framed;
  framed.reserve(body.size() + body.size() / kChunk * 16 + 64);
  for (std::size_t at = 0; at < body.size(); at += kChunk) {
    const std::size_t size = std::min(kChunk, body.size() - at);
    framed += chunk_head(size);
    framed.append(body, at, size);
    framed += "\r\n";
  }
  return framed + "0\r\n\r\n";
}

/// As net/http writes a header's value: a line break in an id must not end the header.
std::string header_value(std::string value) {
  std::ranges::replace_if(
      value, [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return value;
}

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

WireMessage to_wire(const Response& response, const WireOptions& options) {
  WireMessage message;
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  message.head = (options.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ") + std::to_string(response.status) + " " +
                 std::string(reason.data(), reason.size()) + "\r\n";
  for (const auto& [name, value] : response.headers)
    message.head += name + ": " + header_value(value) + "\r\n";
  message.head += "Date: " + date_now() + "\r\n";
  if (options.say_close) message.head += "Connection: close\r\n";
  const bool in_chunks = !options.http_1_0 && (response.body.size() > kGoBuffer || options.pad_bytes > 0);
  if (may_have_body(response.status)) {
    if (in_chunks) {
      message.head += "Transfer-Encoding: chunked\r\n";
    } else {
      message.head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    }
    if (!options.head_only) {
      message.body = in_chunks ? chunked(response.body) : response.body;
      message.pad_bytes = in_chunks ? options.pad_bytes : 0;
    }
  }
  message.head += "\r\n";
  return message;
}

std::string padding_chunk(std::size_t count) { return chunk_head(count) + std::string(count, ' ') + "\r\n"; }

}  // namespace sandbox

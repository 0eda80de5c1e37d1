#include "hydra/outgoing_headers.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "hydra/redaction.h"

namespace hydra_clients::hydra {
namespace {

using Fault = tl::unexpected<std::string>;

constexpr int kFirstRedirect = 300;
constexpr std::string_view kAccept = "application/json";
constexpr std::string_view kUserAgent = "hydra-clients";

bool isFieldName(std::string_view name) {  // RFC 9110 §5.6.2, token
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string::npos;
  });
}

bool isFieldValue(std::string_view value) {  // RFC 9110 §5.5: no control characters but the tab
  return std::ranges::all_of(value, [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

std::string lowerCase(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool isReserved(std::string_view name) {
  constexpr std::array<std::string_view, 4> kReserved{"content-length", "transfer-encoding", "connection",
                                                      "content-type"};
  return std::ranges::find(kReserved, lowerCase(name)) != kReserved.end();
}

SharedSecret bearer(std::string_view token) {
  std::string value = "Bearer ";
  value += token;
  return std::make_shared<const Secret>(std::move(value));
}

bool sameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

std::optional<std::string> mistakeIn(const ConnectionOptions& options) {
  bool hasAuthorization = false;
  for (const Header& header : options.headers) {
    if (!isFieldName(header.name)) return "\"" + header.name + "\" cannot be a header's name";
    if (isReserved(header.name)) return "the header " + header.name + " is set by the program itself";
    if (header.value && !isFieldValue(header.value->reveal(Purpose::kAuthentication))) {
      return "the value of the header " + header.name + " holds a control character";
    }
    hasAuthorization = hasAuthorization || lowerCase(header.name) == "authorization";
  }
  const bool hasToken = options.accessToken && !options.accessToken->empty();
  if (hasAuthorization && (hasToken || !options.accessTokenFile.empty())) {
    return "both an access token and a header Authorization are given: leave one out";
  }
  if (hasToken && !isFieldValue(options.accessToken->reveal(Purpose::kAuthentication))) {
    return "the access token holds a control character (a line break?)";
  }
  return std::nullopt;
}

tl::expected<std::unique_ptr<OutgoingHeaders>, std::string> OutgoingHeaders::make(
    const ConnectionOptions& options) {
  if (auto mistake = mistakeIn(options)) return Fault(std::move(*mistake));
  std::unique_ptr<OutgoingHeaders> headers(new OutgoingHeaders(options));
  if (!options.accessTokenFile.empty()) {
    if (std::string error = headers->readTokenFile(); !error.empty()) return Fault(error);
  } else if (options.accessToken && !options.accessToken->empty()) {
    headers->authorization_ = bearer(options.accessToken->reveal(Purpose::kAuthentication));
  }
  return headers;
}

/// Reads the file into authorization_; "" where that went well, else words. Called under the lock or before
/// sharing.
std::string OutgoingHeaders::readTokenFile() {
  const std::string& path = options_.accessTokenFile;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return "cannot read the access token file " + path + ": " + std::strerror(errno);
  struct stat seen {};
  const bool regular = fstat(file, &seen) == 0 && S_ISREG(seen.st_mode);
  std::string text(kLongestToken + 1, '\0');
  const ssize_t got = regular ? read(file, text.data(), text.size()) : -1;
  close(file);
  if (!regular) return "the access token file " + path + " is not a regular file";
  if (got < 0) return "cannot read the access token file " + path + ": " + std::strerror(errno);

  std::string_view token(text.data(), static_cast<std::size_t>(got));
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back())) != 0)
    token.remove_suffix(1);
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.front())) != 0)
    token.remove_prefix(1);
  std::string error;
  if (token.empty()) error = "the access token file " + path + " is empty";
  if (static_cast<std::size_t>(got) > kLongestToken)
    error = "the access token file " + path + " is over 64 KiB";
  if (!isFieldValue(token)) error = "the access token file " + path + " holds more than one line";
  if (error.empty()) {
    previousAuthorization_ = std::exchange(authorization_, bearer(token));
    tokenFileSeen_ = seen;
  }
  wipe(text);
  return error;
}

SharedSecret OutgoingHeaders::authorization() {
  const std::lock_guard lock(mutex_);
  if (!options_.accessTokenFile.empty()) {
    struct stat now {};
    if (stat(options_.accessTokenFile.c_str(), &now) == 0 && !sameFile(now, tokenFileSeen_)) {
      (void)readTokenFile();  // a file that is being replaced is read whole the next time
    }
  }
  return authorization_;
}

bool OutgoingHeaders::isGiven(std::string_view lowerCaseName) const {
  return std::ranges::any_of(options_.headers,
                             [&](const Header& header) { return lowerCase(header.name) == lowerCaseName; });
}

void OutgoingHeaders::forEach(bool hasBody, const Sink& sink) {
  if (!isGiven("accept")) sink("Accept", kAccept);
  if (!isGiven("user-agent")) sink("User-Agent", kUserAgent);
  if (hasBody) sink("Content-Type", "application/json");
  if (options_.fakeTlsTermination && !isGiven("x-forwarded-proto")) sink("X-Forwarded-Proto", "https");
  if (const SharedSecret value = authorization())
    sink("Authorization", value->reveal(Purpose::kAuthentication));
  for (const Header& header : options_.headers) {
    sink(header.name, header.value ? header.value->reveal(Purpose::kAuthentication) : std::string_view());
  }
}

void OutgoingHeaders::withholdFrom(Response& response) {
  const auto first = response.body.find_first_not_of(" \t\r\n");
  const bool isData =
      first != std::string::npos && (response.body[first] == '{' || response.body[first] == '[');
  if (response.status < kFirstRedirect && isData) return;  // what is read as data is not shown
  Redaction redaction;
  const auto add = [&](std::string_view value) {
    redaction.add(value);
    redaction.add(value.substr(std::min(value.find(' '), value.size() - 1) + 1));  // without "Bearer "
  };
  const SharedSecret current = authorization();
  SharedSecret previous;
  {
    const std::lock_guard lock(mutex_);
    previous = previousAuthorization_;
  }
  for (const SharedSecret& value : {current, previous}) {
    if (value) add(value->reveal(Purpose::kComparison));
  }
  for (const Header& header : options_.headers) {
    if (header.value && !header.value->empty()) add(header.value->reveal(Purpose::kComparison));
  }
  redaction.applyTo(response);
}

ResponseHeaders readResponseHeaders(const std::function<std::string(const char* name)>& find) {
  ResponseHeaders headers;
  headers.contentType = find("Content-Type");
  headers.link = find("Link");
  headers.location = find("Location");
  headers.retryAfter = find("Retry-After");
  headers.date = find("Date");
  const std::string total = find("X-Total-Count");
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(total.data(), total.data() + total.size(), count);
  if (error == std::errc() && end == total.data() + total.size() && !total.empty())
    headers.totalCount = count;
  return headers;
}

}  // namespace hydra_clients::hydra

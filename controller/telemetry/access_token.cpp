#include "telemetry/access_token.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "telemetry/log.h"

namespace hydra_clients::telemetry {
namespace {

constexpr std::size_t kLongestToken = 4096;

/// What RFC 6750 §2.1 takes for a token is printable and has no blanks; so has this, and more.
bool isToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// Fills `buffer` with what the file holds; the number of bytes, or -1. Never waits, as for a pipe's writer.
ssize_t readFile(const std::string& path, std::string& buffer) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return -1;
  const ssize_t bytes = ::read(file, buffer.data(), buffer.size());
  const int error = errno;
  close(file);
  errno = error;
  return bytes;
}

/// What stands behind the scheme, in any case (RFC 9110 §11.1); nullopt of another scheme.
std::optional<std::string_view> behind(std::string_view scheme, std::string_view authorization) {
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ') return std::nullopt;
  const bool same = std::equal(scheme.begin(), scheme.end(), authorization.begin(),
                               [](char expected, unsigned char c) { return expected == std::tolower(c); });
  return same ? std::optional(trimmed(authorization.substr(scheme.size()))) : std::nullopt;
}

/// The password of "USER:PASSWORD" in base64; "" of anything else.
std::string passwordOf(std::string_view encoded) {
  std::string decoded(encoded.size(), '\0');
  const int bytes = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                    reinterpret_cast<const unsigned char*>(encoded.data()),
                                    static_cast<int>(encoded.size()));
  const auto colon = decoded.find(':');
  if (bytes < 0 || colon == std::string::npos) return "";
  decoded.resize(static_cast<std::size_t>(bytes));
  while (!decoded.empty() && decoded.back() == '\0') decoded.pop_back();  // where base64 was padded
  return decoded.size() > colon ? decoded.substr(colon + 1) : "";
}

/// The token that an Authorization header shows; "" where it shows none.
std::string shownIn(std::string_view authorization) {
  if (const auto token = behind("bearer", authorization)) return std::string(*token);
  if (const auto encoded = behind("basic", authorization)) return passwordOf(*encoded);
  return "";
}

}  // namespace

tl::expected<std::unique_ptr<AccessToken>, std::string> AccessToken::fromFile(std::string path) {
  std::unique_ptr<AccessToken> token(new AccessToken(std::move(path)));
  if (auto problem = token->read()) return tl::make_unexpected(std::move(*problem));
  return token;
}

bool AccessToken::isShownBy(std::string_view authorization) {
  readAgain();
  const std::string shown = shownIn(authorization);
  const Digest digest = digestOf(shown);
  return CRYPTO_memcmp(digest.data(), digest_.data(), digest.size()) == 0 && !shown.empty();
}

AccessToken::Digest AccessToken::digestOf(std::string_view token) {
  Digest digest{};
  EVP_Digest(token.data(), token.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

std::optional<std::string> AccessToken::read() {
  seen_ = FileIdentity::of(path_);
  std::string buffer(kLongestToken + 1, '\0');
  const ssize_t bytes = readFile(path_, buffer);
  if (bytes < 0) return path_ + " cannot be read: " + std::strerror(errno);
  const std::string_view token = trimmed(std::string_view(buffer).substr(0, static_cast<std::size_t>(bytes)));
  const bool usable = isToken(token) && token.size() <= kLongestToken;
  if (usable) digest_ = digestOf(token);
  OPENSSL_cleanse(buffer.data(), buffer.size());
  if (usable) return std::nullopt;
  return path_ + " holds no token: one line of printable characters without blanks, at most " +
         std::to_string(kLongestToken);
}

void AccessToken::readAgain() {
  if (FileIdentity::of(path_) == seen_) return;
  if (const auto problem = read()) {
    logWarning("the status server's token stays as it was", {{"problem", *problem}});
  } else {
    logInfo("the status server's token was read again", {{"file", path_}});
  }
}

}  // namespace hydra_clients::telemetry

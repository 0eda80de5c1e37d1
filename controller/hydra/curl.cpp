#include "hydra/curl.h"

#include <utility>

#include "client/one_line.h"

namespace hydra_clients::hydra {
namespace {

std::string headersOf(const ConnectionOptions& options) {
  std::string words;
  if (!options.accessTokenFile.empty()) {
    words += " --header \"Authorization: Bearer $(cat " + shellPath(options.accessTokenFile) + ")\"";
  } else if (options.accessToken) {
    words += " --header \"Authorization: Bearer $OAUTH2_ACCESS_TOKEN\"";
  }
  for (const Header& header : options.headers) words += " --header " + shellWord(header.name + ": …");
  if (options.fakeTlsTermination) words += " --header 'X-Forwarded-Proto: https'";
  return words;
}

std::string trustOf(const ConnectionOptions& options) {
  std::string words;
  const auto add = [&](const char* name, const std::string& path) {
    if (!path.empty()) words += std::string(" ") + name + " " + shellPath(path);
  };
  add("--cacert", options.caFile);
  add("--cert", options.clientCertFile);
  add("--key", options.clientKeyFile);
  if (options.skipTlsVerify) words += " --insecure";
  return words;
}

/// As a format of printf(1): all but letters, digits and a few signs as \NNN.
std::string inOctal(std::string_view word) {
  constexpr std::string_view kAsItIs =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _./:@+=,;(){}[]|$\"";
  std::string format;
  const auto digit = [](unsigned bits) { return static_cast<char>('0' + (bits & 7U)); };
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (kAsItIs.find(c) != std::string_view::npos) {
      format += c;
    } else {
      format += {'\\', digit(byte >> 6U), digit(byte >> 3U), digit(byte)};
    }
  }
  return format;
}

}  // namespace

std::string shellWord(std::string_view word) {
  if (onOneLine(word) != word) return "\"$(printf '" + inOctal(word) + "')\"";
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=-";
  if (!word.empty() && word.front() != '-' && word.find_first_not_of(kPlain) == std::string_view::npos)
    return std::string(word);
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string shellPath(std::string_view path) {
  return path.starts_with('-') ? shellWord("./" + std::string(path)) : shellWord(path);
}

Curl::Curl(const ConnectionOptions& options) : options_(headersOf(options)) {
  if (options.endpoint.scheme == Endpoint::Scheme::kUnix) {
    options_ += " --unix-socket " + shellPath(options.endpoint.socketPath);
    base_ = "http://unix";
  } else {
    if (options.endpoint.scheme == Endpoint::Scheme::kHttps) options_ += trustOf(options);
    base_ = options.endpoint.text();
  }
}

std::string Curl::command(std::string_view arguments, std::string_view target) const {
  std::string text = "curl --silent --show-error" + options_;
  if (!arguments.empty()) text += " " + std::string(arguments);
  return text + " " + shellWord(base_ + std::string(target));
}

}  // namespace hydra_clients::hydra

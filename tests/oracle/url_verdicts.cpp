// What client/go_url makes of URLs, in the form of tests/oracle/go-url, so that the two can be compared line
// by line.

#include <iostream>
#include <string>

#include "client/go_url.h"
#include "client/hex.h"

namespace {

using hydra_clients::GoUrl;
using hydra_clients::hex;

std::string bytesOf(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes +=
        static_cast<char>(hydra_clients::hexValue(digits[i]) * 16 + hydra_clients::hexValue(digits[i + 1]));
  }
  return bytes;
}

std::string verdict(const GoUrl::Parsed& parsed) {
  if (!parsed) return "refused";
  const GoUrl& url = *parsed;
  const auto truth = [](bool is) { return is ? "true" : "false"; };
  return url.scheme + " opaque=" + hex(url.opaque) + " user=" + truth(url.userinfo.has_value()) +
         " host=" + hex(url.host) + " hostname=" + hex(url.hostname()) + " port=" + url.port() +
         " path=" + hex(url.path) + " query=" + hex(url.query) + " force=" + truth(url.forceQuery) +
         " fragment=" + hex(url.fragment) + " omit=" + truth(url.omitHost);
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const std::string text = bytesOf(line);
    std::cout << verdict(GoUrl::parse(text)) << " | " << verdict(GoUrl::parseRequestUri(text)) << "\n";
  }
}

#include "property.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "client/utf8.h"

namespace hydra_clients::fuzz {

void require(bool holds, std::string_view property, std::string_view seen) {
  if (holds) return;
  std::fprintf(stderr, "PROPERTY BROKEN: %.*s\n", static_cast<int>(property.size()), property.data());
  if (!seen.empty()) std::fprintf(stderr, "  seen: %.*s\n", static_cast<int>(seen.size()), seen.data());
  std::abort();
}

void requireEqual(std::string_view one, std::string_view other, std::string_view property) {
  if (one == other) return;
  require(false, property, std::string(one) + "\n   and: " + std::string(other));
}

bool isOneLine(std::string_view text) {
  const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return firstInvalidUtf8(text) == std::string_view::npos && std::ranges::none_of(text, isControl);
}

std::vector<std::string_view> partsOf(std::string_view input, std::size_t most) {
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < most) {
    const std::size_t end = input.find(kPartSeparator);
    if (end == std::string_view::npos) break;
    parts.push_back(input.substr(0, end));
    input.remove_prefix(end + 1);
  }
  parts.push_back(input);
  return parts;
}

}  // namespace hydra_clients::fuzz

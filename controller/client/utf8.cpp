#include "client/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace hydra_clients {
namespace {

std::size_t lengthByLead(unsigned lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return 3;
  return lead < 0xF5 ? 4 : 0;
}

constexpr std::size_t kWord = sizeof(std::uint64_t);

/// Of at most kWord bytes.
bool isAscii(std::string_view bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  return (word & 0x8080'8080'8080'8080U) == 0;
}

}  // namespace

std::size_t utf8Length(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lengthByLead(lead);
  if (length <= 1) return length;
  if (length > text.size() || !std::ranges::all_of(text.substr(1, length - 1), isUtf8Continuation)) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool surrogate = lead == 0xED && second > 0x9F;
  const bool aboveUnicode = lead == 0xF4 && second > 0x8F;
  return overlong || surrogate || aboveUnicode ? 0 : length;
}

char32_t codePointOf(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead;
  char32_t point = lead & (0x7FU >> sequence.size());
  for (const char c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  return point;
}

std::size_t firstInvalidUtf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (isAscii(text.substr(at, kWord))) {  // most of a manifest
      at += std::min(kWord, text.size() - at);
      continue;
    }
    const std::size_t length = utf8Length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

std::string withoutInvalidUtf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  for (;;) {  // each turn takes what is valid, and one byte that is not
    const std::size_t bad = firstInvalidUtf8(text);
    valid.append(text.substr(0, bad));
    if (bad == std::string_view::npos) return valid;
    valid += "\xEF\xBF\xBD";
    text.remove_prefix(bad + 1);
  }
}

}  // namespace hydra_clients

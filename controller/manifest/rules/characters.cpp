#include "manifest/rules/characters.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iomanip>
#include <sstream>

#include "client/utf8.h"

namespace hydra_clients::manifest {
namespace {

struct Range {
  char32_t first, last;
};

// Unicode's Default_Ignorable_Code_Point and Bidi_Control, and the two separators of lines and paragraphs.
constexpr std::array kUnseen = std::to_array<Range>({{0xAD, 0xAD},
                                                     {0x34F, 0x34F},
                                                     {0x61C, 0x61C},
                                                     {0x115F, 0x1160},
                                                     {0x17B4, 0x17B5},
                                                     {0x180B, 0x180F},
                                                     {0x200B, 0x200F},
                                                     {0x2028, 0x202E},
                                                     {0x2060, 0x206F},
                                                     {0x3164, 0x3164},
                                                     {0xFE00, 0xFE0F},
                                                     {0xFEFF, 0xFEFF},
                                                     {0xFFA0, 0xFFA0},
                                                     {0xFFF0, 0xFFF8},
                                                     {0x1BCA0, 0x1BCA3},
                                                     {0x1D173, 0x1D17A},
                                                     {0xE0000, 0xE0FFF}});

template <typename Test>
std::optional<char32_t> firstWhere(std::string_view text, Test test) {
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8Length(text), 1);
    const char32_t character = codePointOf(text.substr(0, length));
    if (test(character)) return character;
    text.remove_prefix(length);
  }
  return std::nullopt;
}

}  // namespace

std::optional<char32_t> firstUnprintable(std::string_view text) {
  return firstWhere(text, [](char32_t c) { return c < 0x20 || c > 0x7E; });
}

std::optional<char32_t> firstUnseen(std::string_view text) {
  return firstWhere(text, [](char32_t c) {
    return std::ranges::any_of(kUnseen,
                               [c](const Range& range) { return c >= range.first && c <= range.last; });
  });
}

std::string nameOf(char32_t character) {
  std::ostringstream name;
  name << "U+" << std::hex << std::uppercase << std::setw(4) << std::setfill('0')
       << static_cast<std::uint32_t>(character);
  return name.str();
}

}  // namespace hydra_clients::manifest

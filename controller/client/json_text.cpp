#include "client/json_text.h"

#include <algorithm>

#include "client/ascii.h"
#include "client/hex.h"
#include "client/utf8.h"

namespace hydra_clients {

std::string foldName(std::string_view name) {
  std::string folded;
  folded.reserve(name.size());
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.substr(i).starts_with("\xC5\xBF")) {
      folded += 's';
      i += 1;
    } else if (name.substr(i).starts_with("\xE2\x84\xAA")) {
      folded += 'k';
      i += 2;
    } else {
      folded += lowerCase(name[i]);
    }
  }
  return folded;
}

bool isFolded(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return lowerCase(c) == c && static_cast<unsigned char>(c) < 0x80; });
}

int unicodeEscape(std::string_view text) {
  if (text.size() < kUnicodeEscapeLength || !text.starts_with("\\u")) return -1;
  int unit = 0;
  for (const char digit : text.substr(2, 4)) {
    if (hexValue(digit) < 0) return -1;
    unit = unit * 16 + hexValue(digit);
  }
  return unit;
}

std::string shortened(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return std::string(text);
  std::size_t cut = longest;
  while (cut > 0 && isUtf8Continuation(text[cut])) --cut;
  return std::string(text.substr(0, cut)) + "…";
}

}  // namespace hydra_clients

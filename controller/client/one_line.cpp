#include "client/one_line.h"

#include <algorithm>

#include "client/hex.h"
#include "client/utf8.h"

namespace hydra_clients {
bool isObeyed(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x2028 || point == 0x2029 ||
         (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

std::string onOneLine(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8Length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    if (length > 0 && !isObeyed(codePointOf(character))) {
      line += character;
    } else {
      for (const char byte : character) {
        line += "\\x";
        appendHex(line, byte);
      }
    }
    text.remove_prefix(character.size());
  }
  return line;
}

}  // namespace hydra_clients

#include "cli/markdown.h"

#include <algorithm>

#include "client/ascii.h"
#include "client/one_line.h"

namespace hydra_clients::cli {
namespace {

/// Whether a byte can mean nothing to Markdown or HTML, wherever it stands.
bool isPlain(char c) {
  const char small = lowerCase(c);
  const bool isAscii = static_cast<unsigned char>(c) < 0x80;
  return !isAscii || (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || c == ' ' || c == '-' ||
         c == '/';
}

std::size_t longestRunOf(char wanted, std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == wanted ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? "\\|" : std::string(1, c);
  return escaped;
}

std::string codeCell(std::string_view text) { return "`" + cell(text) + "`"; }

std::string foreignCode(std::string_view text) {
  const std::string line = onOneLine(text);
  if (line.empty()) return "-";
  // In a code span nothing means anything but its own end; in a table, also what divides cells.
  if (line.find_first_of("`|\\") == std::string::npos) return "`" + line + "`";
  return foreignHtmlCode(line);
}

std::string foreignHtmlCode(std::string_view text) {
  std::string html = "<code>";
  for (const char c : onOneLine(text)) {
    html += isPlain(c) ? std::string(1, c) : "&#" + std::to_string(static_cast<int>(c)) + ";";
  }
  return html + "</code>";
}

std::string foreignBlock(std::string_view text, std::string_view language) {
  constexpr std::size_t kShortestFence = 3;
  const std::string fence(std::max(kShortestFence, longestRunOf('`', text) + 1), '`');
  std::string block = fence + std::string(language) + "\n";
  block += text;
  if (!block.ends_with('\n')) block += '\n';
  return block + fence + "\n";
}

}  // namespace hydra_clients::cli

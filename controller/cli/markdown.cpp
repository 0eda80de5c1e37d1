#include "cli/markdown.h"

namespace hydra_clients::cli {

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? "\\|" : std::string(1, c);
  return escaped;
}

std::string codeCell(std::string_view text) { return "`" + cell(text) + "`"; }

}  // namespace hydra_clients::cli

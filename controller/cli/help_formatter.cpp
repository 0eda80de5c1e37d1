#include "cli/help_formatter.h"

#include <algorithm>

#include "cli/flags.h"

namespace hydra_clients::cli {
namespace {

constexpr std::size_t kLineWidth = 96;
constexpr std::size_t kNameColumn = 2;
constexpr std::size_t kTextColumn = 8;
constexpr std::size_t kCommandColumn = 14;

/// Words in lines of at most kLineWidth, each line begun at `column`.
std::string wrapped(const std::string& text, std::size_t column) {
  std::string result;
  std::string line;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!line.empty() && column + line.size() + 1 + word.size() > kLineWidth) {
      result += std::string(column, ' ') + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    begin = end + 1;
  }
  return result + std::string(column, ' ') + line + "\n";
}

/// "URL", "DURATION", "text|json": without what CLI11's checks add behind it.
std::string valueName(const CLI::Option* option) {
  std::string name = option->get_type_name();
  if (const std::size_t choices = name.find('{'); choices != std::string::npos) {
    name = name.substr(choices + 1, name.find('}') - choices - 1);
    std::replace(name.begin(), name.end(), ',', '|');
    return name;
  }
  return name.substr(0, name.find(':'));
}

std::string details(const CLI::Option* option) {
  std::string text = option->get_description();
  if (!option->get_default_str().empty()) text += " (default " + option->get_default_str() + ")";
  if (option->get_required()) text += " (required)";
  if (!option->get_lnames().empty() && option->get_lnames().front() != "help") {
    text += " [" + environmentNameOf(option->get_lnames().front()) + "]";
  }
  return text;
}

}  // namespace

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  std::string name = command->get_name();
  name.resize(std::max(name.size() + 1, kCommandColumn - kNameColumn), ' ');
  const std::string about = command->get_description();
  return std::string(kNameColumn, ' ') + name + about.substr(0, about.find('\n')) + "\n";
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool isPositional) const {
  std::string head = std::string(kNameColumn, ' ') + make_option_name(option, isPositional);
  const bool takesValue = option->get_items_expected_max() > 0;
  if (takesValue && !isPositional) head += " " + valueName(option);
  return head + "\n" + wrapped(details(option), kTextColumn);
}

}  // namespace hydra_clients::cli

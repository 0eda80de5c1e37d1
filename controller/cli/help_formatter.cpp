#include "cli/help_formatter.h"

#include <algorithm>
#include <utility>

#include "cli/command_tree.h"
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
    const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
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

/// Wrapped, with an empty line between them.
std::string paragraphs(std::string rest) {
  std::string text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find("\n\n"), rest.size());
    text += (text.empty() ? "" : "\n") + wrapped(rest.substr(0, end), 0);
    rest.erase(0, end + 2);
  }
  return text;
}

std::string details(const CLI::Option* option) {
  std::string text = option->get_description();
  if (const std::string known = rangeAndDefaultOf(*option); !known.empty()) text += " (" + known + ")";
  if (option->get_required()) text += " (required)";
  if (!option->get_envname().empty()) text += " [" + environmentNameOf(option->get_name()) + "]";
  return text;
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  std::string text =
      paragraphs(app->get_description()) + "\n" + make_usage(app, std::move(name)) + make_positionals(app);
  for (const std::string& group : app->get_groups()) {
    const auto options = app->get_options(
        [&](const CLI::Option* option) { return option->get_group() == group && option->nonpositional(); });
    if (!options.empty()) text += make_group(group, /*is_positional=*/false, options);
  }
  return text + make_subcommands(app, mode) + "\n" + make_footer(app);
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  std::string name = command->get_name();
  name.resize(std::max(name.size() + 1, kCommandColumn - kNameColumn), ' ');
  const std::string about = command->get_description();
  return std::string(kNameColumn, ' ') + name + about.substr(0, about.find('\n')) + "\n";
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool isPositional) const {
  std::string head = std::string(kNameColumn, ' ') + make_option_name(option, isPositional);
  if (takesValue(*option) && !isPositional) head += " " + valueNameOf(*option);
  return head + "\n" + wrapped(details(option), kTextColumn);
}

std::string helpTextOf(const CLI::App& app) {
  const CLI::App* program = &app;
  while (program->get_parent() != nullptr) program = program->get_parent();
  const std::string typed = typedName(app);
  const std::string name = program->get_name() + (typed.empty() ? "" : " " + typed);
  return app.get_formatter()->make_help(&app, name, CLI::AppFormatMode::Normal);
}

}  // namespace hydra_clients::cli

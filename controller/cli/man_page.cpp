#include <algorithm>
#include <string>
#include <string_view>

#include "cli/command_tree.h"
#include "cli/environment.h"
#include "cli/flags.h"
#include "cli/reference_pages.h"

namespace hydra_clients::cli {
namespace {

/// Text as roff takes it for text: nothing in it is a request, an escape or a hyphen.
std::string roff(std::string_view text) {
  std::string result;
  bool lineBegins = true;
  for (const char c : text) {
    if (lineBegins && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
    lineBegins = c == '\n';
  }
  return result;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }

/// Paragraphs, which an empty line parts.
std::string paragraphs(std::string_view rest) {
  std::string text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find("\n\n"), rest.size());
    text += ".PP\n" + roff(rest.substr(0, end)) + "\n";
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return text;
}

/// Lines that stay as they are.
std::string asTyped(std::string_view text) { return ".PP\n.nf\n" + roff(text) + "\n.fi\n"; }

std::string entry(const CLI::Option& option) {
  const bool positional = option.get_positional();
  std::string head = bold(positional ? option.get_name() : option.get_name(false, true));
  if (takesValue(option) && !positional) head += " " + roff(valueNameOf(option));
  std::string meaning = option.get_description();
  if (const std::string known = rangeAndDefaultOf(option); !known.empty()) meaning += " (" + known + ")";
  if (option.get_required()) meaning += " (required)";
  std::string text = ".TP\n" + head + "\n" + roff(meaning) + "\n";
  if (!option.get_envname().empty())
    text += ".br\nEnvironment: " + bold(environmentNameOf(option.get_name())) + "\n";
  return text;
}

std::string options(const CLI::App& command, const std::string& group) {
  std::string entries;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group() == group) entries += entry(*option);
  }
  if (entries.empty() || group == "Options") return entries;
  return ".PP\n" + bold(group) + "\n" + entries;
}

std::string section(const CLI::App& command) {
  std::string text = ".SS " + roff(typedName(command)) + "\n" + paragraphs(command.get_description());
  for (const std::string& group : command.get_groups()) text += options(command, group);
  return text + asTyped(command.get_footer());
}

}  // namespace

std::string manPage(const CLI::App& program) {
  std::string text =
      ".\\\" Made by `hydra-clients help --page man`; do not edit.\n"
      ".TH HYDRA\\-CLIENTS 1\n.SH NAME\nhydra\\-clients \\- keeps the OAuth 2.0 clients of an ORY Hydra as "
      "they stand in Git\n.SH SYNOPSIS\n\\fBhydra\\-clients\\fR COMMAND [OPTION]...\n.SH DESCRIPTION\n" +
      paragraphs(program.get_description()) + asTyped(program.get_footer()) + ".SH COMMANDS\n";
  for (const CLI::App* command : runnableCommands(program)) text += section(*command);
  return text + ".SH SEE ALSO\n\\fBgit\\fR(1), \\fBgpg\\fR(1), \\fBjq\\fR(1)\n";
}

}  // namespace hydra_clients::cli

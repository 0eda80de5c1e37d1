#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/flags.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients completion bash > /etc/bash_completion.d/hydra-clients\n"
    "  hydra-clients completion zsh  > \"${fpath[1]}/_hydra-clients\"\n"
    "  hydra-clients completion fish > ~/.config/fish/completions/hydra-clients.fish";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> commandNames(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> flagNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// The first line, without what would end a quoted word.
std::string summaryOf(std::string text) {
  text = text.substr(0, text.find('\n'));
  std::erase_if(text, [](char c) { return c == '\'' || c == '[' || c == ']' || c == '"' || c == '`'; });
  std::replace(text.begin(), text.end(), ':', ' ');
  return text;
}

void printBash(const CLI::App& program) {
  std::cout << "_hydra_clients() {\n"
               "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=\n"
               "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
               "    COMPREPLY=($(compgen -W \""
            << joined(commandNames(program))
            << "\" -- \"$word\"))\n"
               "    return\n"
               "  fi\n"
               "  case $command in\n";
  for (const CLI::App* command : program.get_subcommands({})) {
    std::cout << "    " << command->get_name() << ") words=\"" << joined(flagNames(*command)) << "\" ;;\n";
  }
  std::cout << "  esac\n"
               "  case $word in\n"
               "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
               "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
               "  esac\n"
               "}\n"
               "complete -o filenames -F _hydra_clients hydra-clients\n";
}

void printZsh(const CLI::App& program) {
  std::cout << "#compdef hydra-clients\n"
               "local -a commands\n"
               "commands=(\n";
  for (const CLI::App* command : program.get_subcommands({})) {
    std::cout << "  '" << command->get_name() << ":" << summaryOf(command->get_description()) << "'\n";
  }
  std::cout << ")\n"
               "if (( CURRENT == 2 )); then\n"
               "  _describe command commands\n"
               "  return\n"
               "fi\n"
               "case ${words[2]} in\n";
  for (const CLI::App* command : program.get_subcommands({})) {
    std::cout << "  " << command->get_name() << ") _arguments";
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        std::cout << " '--" << name << "[" << summaryOf(option->get_description()) << "]"
                  << (option->get_items_expected_max() > 0 ? ":value:_files" : "") << "'";
      }
    }
    std::cout << " '*:file:_files' ;;\n";
  }
  std::cout << "esac\n";
}

void printFish(const CLI::App& program) {
  std::cout << "complete -c hydra-clients -f -n __fish_use_subcommand\n";
  for (const CLI::App* command : program.get_subcommands({})) {
    std::cout << "complete -c hydra-clients -f -n __fish_use_subcommand -a " << command->get_name() << " -d '"
              << summaryOf(command->get_description()) << "'\n";
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        std::cout << "complete -c hydra-clients -n '__fish_seen_subcommand_from " << command->get_name()
                  << "' -l " << name << (option->get_items_expected_max() > 0 ? " -r" : "") << " -d '"
                  << summaryOf(option->get_description()) << "'\n";
      }
    }
  }
}

}  // namespace

void addCompletionCommand(CLI::App& program, Outcome&) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("completion", "Print a shell's completion: bash, zsh or fish");
  command->footer(kExamples);
  takeOneOf(command->add_option("SHELL", *shell, "bash, zsh or fish"), {"bash", "zsh", "fish"})->required();
  command->callback([shell, &program] {
    if (*shell == "bash") printBash(program);
    if (*shell == "zsh") printZsh(program);
    if (*shell == "fish") printFish(program);
  });
}

}  // namespace hydra_clients::cli

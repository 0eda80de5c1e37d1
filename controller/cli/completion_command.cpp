#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/command_tree.h"
#include "cli/commands.h"
#include "cli/flags.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kAbout =
    "Print a shell's completion: bash, zsh or fish\n\n"
    "The script completes commands, flags, and the values of flags: words where there are few, files and "
    "folders. "
    "Load it into the shell that runs, or write it to where the shell looks for it, and print it again after "
    "an "
    "update.";

constexpr const char* kExamples =
    "Examples:\n"
    "  source <(hydra-clients completion bash)      # for this shell\n"
    "  hydra-clients completion bash > /etc/bash_completion.d/hydra-clients\n"
    "  hydra-clients completion zsh  > \"${fpath[1]}/_hydra-clients\"\n"
    "  hydra-clients completion fish > ~/.config/fish/completions/hydra-clients.fish\n"
    "\n"
    "Exit codes: 0 success, 1 standard output could not be written, 64 a shell that is not known.";

/// What a value is, for a shell.
enum class Completes { kWords, kFiles, kFolders, kNothing };

Completes completionOf(const CLI::Option& option) {
  const std::string name = option.get_positional() ? option.get_name() : valueNameOf(option);
  if (!choicesOf(option).empty()) return Completes::kWords;
  if (name == "FOLDER") return Completes::kFolders;
  return name == "FILE" || name == "PATH" ? Completes::kFiles : Completes::kNothing;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<const CLI::Option*> flagsOf(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

const CLI::Option* argumentOf(const CLI::App& command) {
  const auto arguments =
      command.get_options([](const CLI::Option* option) { return option->get_positional(); });
  return arguments.empty() ? nullptr : arguments.front();
}

std::vector<std::string> flagNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : flagsOf(command)) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// The first line, without what would end a quoted word.
std::string summaryOf(std::string text) {
  text = text.substr(0, text.find('\n'));
  std::erase_if(text,
                [](char c) { return c == '\'' || c == '[' || c == ']' || c == '"' || c == '`' || c == ':'; });
  return text;
}

/// The assignment that tells the bash function below what may stand there.
std::string bashKind(const CLI::Option& option) {
  switch (completionOf(option)) {
    case Completes::kWords:
      return "kind=words words=\"" + joined(choicesOf(option)) + "\"";
    case Completes::kFiles:
      return "kind=files";
    case Completes::kFolders:
      return "kind=folders";
    case Completes::kNothing:
      return "kind=nothing";
  }
  return "";
}

constexpr const char* kBashBegin = R"bash(_hydra_clients() {
  local word=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]} kind=nothing words=
  COMPREPLY=()
  # bash takes "--output=json" for three words
  if [ "$word" = = ]; then word=; elif [ "$flag" = = ]; then flag=${COMP_WORDS[COMP_CWORD-2]}; fi
)bash";

constexpr const char* kBashEnd = R"bash(  local IFS=$'\n'  # a file's name may hold blanks
  case $kind in
    words) COMPREPLY=($(compgen -W "${words// /$'\n'}" -- "$word")) ;;
    files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word")) ;;
    folders) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$word")) ;;
  esac
}
complete -F _hydra_clients hydra-clients
)bash";

void printBashFlags(const CLI::App& command, const std::string& margin) {
  std::cout << margin << "case $flag in\n";
  for (const CLI::Option* option : flagsOf(command)) {
    if (takesValue(*option))
      std::cout << margin << "  " << option->get_name() << ") " << bashKind(*option) << " ;;\n";
  }
  std::cout << margin << "  *)\n"
            << margin << "    case $word in\n"
            << margin << "      -*) kind=words words=\"" << joined(flagNames(command)) << "\" ;;\n";
  if (const CLI::Option* argument = argumentOf(command)) {
    std::cout << margin << "      *) " << bashKind(*argument) << " ;;\n";
  }
  std::cout << margin << "    esac ;;\n" << margin << "esac ;;\n";
}

/// What may stand behind `depth` words: the commands' names, and behind each what it takes.
void printBashCommands(const CLI::App& parent, int depth, const std::string& margin) {
  std::cout << margin << "if [ \"$COMP_CWORD\" -eq " << depth << " ]; then\n"
            << margin << "  kind=words words=\"" << joined(namesBelow(parent)) << " "
            << joined(flagNames(parent)) << "\"\n"
            << margin << "else case ${COMP_WORDS[" << depth << "]} in\n";
  for (const CLI::App* command : commandsBelow(parent)) {
    std::cout << margin << "  " << command->get_name() << ")\n";
    if (!isGroup(*command)) {
      printBashFlags(*command, margin + "    ");
    } else {
      printBashCommands(*command, depth + 1, margin + "    ");
      std::cout << margin << "    ;;\n";
    }
  }
  std::cout << margin << "esac; fi\n";
}

void printBash(const CLI::App& program) {
  std::cout << kBashBegin;
  printBashCommands(program, 1, "  ");
  std::cout << kBashEnd;
}

/// ":value:(text json)" behind a flag's or an argument's words.
std::string zshAction(const CLI::Option& option) {
  switch (completionOf(option)) {
    case Completes::kWords:
      return ":value:(" + joined(choicesOf(option)) + ")";
    case Completes::kFiles:
      return ":file:_files";
    case Completes::kFolders:
      return ":folder:_files -/";
    case Completes::kNothing:
      return ":value: ";
  }
  return "";
}

void printZshFlags(const CLI::App& command, const std::string& margin) {
  std::cout << margin << command.get_name() << ") _arguments";
  for (const CLI::Option* option : flagsOf(command)) {
    for (const std::string& name : option->get_lnames()) {
      std::cout << " '--" << name << (takesValue(*option) ? "=" : "") << "["
                << summaryOf(option->get_description()) << "]"
                << (takesValue(*option) ? zshAction(*option) : "") << "'";
    }
  }
  if (const CLI::Option* argument = argumentOf(command)) std::cout << " '*" << zshAction(*argument) << "'";
  std::cout << " ;;\n";
}

/// Where `words` begins with the parent's name: its commands, and behind each what it takes.
void printZshCommands(const CLI::App& parent, const std::string& margin) {
  std::cout << margin << "commands=(\n";
  for (const CLI::App* command : commandsBelow(parent)) {
    std::cout << margin << "  '" << command->get_name() << ":" << summaryOf(command->get_description())
              << "'\n";
  }
  std::cout << margin << ")\n"
            << margin << "if (( CURRENT == 2 )); then\n"
            << margin << "  _describe command commands\n"
            << margin << "  return\n"
            << margin << "fi\n"
            << margin << "shift words\n"
            << margin << "(( CURRENT-- ))\n"
            << margin << "case ${words[1]} in\n";
  for (const CLI::App* command : commandsBelow(parent)) {
    if (!isGroup(*command)) {
      printZshFlags(*command, margin + "  ");
    } else {
      std::cout << margin << "  " << command->get_name() << ")\n";
      printZshCommands(*command, margin + "    ");
      std::cout << margin << "    ;;\n";
    }
  }
  std::cout << margin << "esac\n";
}

void printZsh(const CLI::App& program) {
  std::cout << "#compdef hydra-clients\n"
               "local -a commands\n";
  printZshCommands(program, "");
}

std::string fishAction(const CLI::Option& option) {
  switch (completionOf(option)) {
    case Completes::kWords:
      return " -x -a '" + joined(choicesOf(option)) + "'";
    case Completes::kFiles:
      return " -r -F";
    case Completes::kFolders:
      return " -x -a '(__fish_complete_directories)'";
    case Completes::kNothing:
      return " -x";
  }
  return "";
}

std::string fishSeen(const std::string& commands) { return "__fish_seen_subcommand_from " + commands; }

/// Where exactly this command stands.
std::string fishBehind(const CLI::App& command) {
  const CLI::App& parent = *command.get_parent();
  const std::string group = isGroup(parent) ? fishSeen(parent.get_name()) + "; and " : "";
  return group + fishSeen(command.get_name());
}

void printFishFlags(const CLI::App& command) {
  const std::string begin = "complete -c hydra-clients -n '" + fishBehind(command) + "'";
  const CLI::Option* argument = argumentOf(command);
  if (argument == nullptr) {
    std::cout << begin << " -f\n";
  } else if (completionOf(*argument) == Completes::kWords) {
    std::cout << begin << " -f -a '" << joined(choicesOf(*argument)) << "'\n";
  }
  for (const CLI::Option* option : flagsOf(command)) {
    for (const std::string& name : option->get_lnames()) {
      std::cout << begin << " -l " << name << (takesValue(*option) ? fishAction(*option) : "") << " -d '"
                << summaryOf(option->get_description()) << "'\n";
    }
  }
}

/// `condition`: where one of the parent's commands may stand.
void printFishCommands(const CLI::App& parent, const std::string& condition) {
  const std::string begin = "complete -c hydra-clients -f -n '" + condition + "'";
  std::cout << begin << "\n";
  for (const CLI::App* command : commandsBelow(parent)) {
    std::cout << begin << " -a " << command->get_name() << " -d '" << summaryOf(command->get_description())
              << "'\n";
    if (isGroup(*command)) {
      printFishCommands(
          *command, fishSeen(command->get_name()) + "; and not " + fishSeen(joined(namesBelow(*command))));
    } else {
      printFishFlags(*command);
    }
  }
}

void printFish(const CLI::App& program) { printFishCommands(program, "__fish_use_subcommand"); }

}  // namespace

void addCompletionCommand(CLI::App& program, Outcome&) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("completion", kAbout);
  command->footer(kExamples);
  takeOneOf(command->add_option("SHELL", *shell, "bash, zsh or fish"), {"bash", "zsh", "fish"})->required();
  command->callback([shell, &program] {
    if (*shell == "bash") printBash(program);
    if (*shell == "zsh") printZsh(program);
    if (*shell == "fish") printFish(program);
  });
}

}  // namespace hydra_clients::cli

#include "cli/command_tree.h"

namespace hydra_clients::cli {

std::vector<const CLI::App*> commandsBelow(const CLI::App& parent) {
  return parent.get_subcommands({});  // without a filter: all that were declared
}

std::vector<std::string> namesBelow(const CLI::App& parent) {
  std::vector<std::string> names;
  for (const CLI::App* command : commandsBelow(parent)) names.push_back(command->get_name());
  return names;
}

bool isGroup(const CLI::App& command) {
  return command.get_parent() != nullptr && !commandsBelow(command).empty();
}

std::vector<const CLI::App*> runnableCommands(const CLI::App& program) {
  std::vector<const CLI::App*> runnable;
  for (const CLI::App* command : commandsBelow(program)) {
    const auto below = commandsBelow(*command);
    if (below.empty()) {
      runnable.push_back(command);
    } else {
      runnable.insert(runnable.end(), below.begin(), below.end());
    }
  }
  return runnable;
}

std::string typedName(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  if (parent == nullptr) return "";
  const std::string before = typedName(*parent);
  return (before.empty() ? "" : before + " ") + command.get_name();
}

const CLI::App& selectedCommand(const CLI::App& program) {
  const auto typed = program.get_subcommands();
  return typed.empty() ? program : selectedCommand(*typed.back());
}

}  // namespace hydra_clients::cli

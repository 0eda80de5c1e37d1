#pragma once

// The commands as they are nested: most are one word behind the program's name, some stand in a group of
// their own ("secrets list").

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace hydra_clients::cli {

/// The commands right below the program or a group, in the order of their declaration.
[[nodiscard]] std::vector<const CLI::App*> commandsBelow(const CLI::App& parent);
/// The names of these.
[[nodiscard]] std::vector<std::string> namesBelow(const CLI::App& parent);

/// Whether it only holds further commands.
[[nodiscard]] bool isGroup(const CLI::App& command);

/// All commands that do something: those of a group in its place.
[[nodiscard]] std::vector<const CLI::App*> runnableCommands(const CLI::App& program);

/// What is typed behind the program's name: "plan", "secrets list"; "" for the program itself.
[[nodiscard]] std::string typedName(const CLI::App& command);

/// The command that the parsed words led to, be it a group or the program itself where they end there.
[[nodiscard]] const CLI::App& selectedCommand(const CLI::App& program);

}  // namespace hydra_clients::cli

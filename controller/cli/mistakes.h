#pragma once

#include <span>
#include <string>

#include <CLI/CLI.hpp>

namespace hydra_clients::cli {

/// What is wrong with the command line, in words, and what to type instead: a "did you mean" for a misspelt
/// command or flag, the value that is missing, the variable that a wrong value came from. `words`: the
/// command line without the program's name. `program`: as the parsing that ended in `error` left it.
[[nodiscard]] std::string explain(const CLI::App& program, const CLI::Error& error,
                                  std::span<const char* const> words);

/// The same for the name of a command that is none. `parent`: the program, or the group that it was looked
/// for in.
[[nodiscard]] std::string unknownCommand(const CLI::App& parent, const std::string& name);

}  // namespace hydra_clients::cli

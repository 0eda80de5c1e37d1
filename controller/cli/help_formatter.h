#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace hydra_clients::cli {

/// Help for people: a flag on a line of its own, below it what it does, its range, its default and its
/// environment variable.
class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_option(const CLI::Option* option, bool isPositional) const override;
};

/// The help text of the program, or of a command of it, whatever command is running.
[[nodiscard]] std::string helpTextOf(const CLI::App& app);

}  // namespace hydra_clients::cli

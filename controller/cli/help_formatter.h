#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace hydra_clients::cli {

/// Help for people: a flag on a line of its own, below it what it does, its default and its environment
/// variable.
class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_option(const CLI::Option* option, bool isPositional) const override;
};

}  // namespace hydra_clients::cli

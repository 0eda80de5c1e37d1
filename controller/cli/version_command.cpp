#include <iostream>

#include "cli/build_info.h"
#include "cli/commands.h"

namespace hydra_clients::cli {

void addVersionCommand(CLI::App& program, Outcome&) {
  CLI::App* command =
      program.add_subcommand("version", "Print the version, the commit and the libraries' versions");
  command->callback([] {
    std::cout << "hydra-clients " << kVersion << " (commit " << kCommit << ")\n";
    for (const auto& [library, version] : libraryVersions())
      std::cout << "  " << library << " " << version << "\n";
  });
}

}  // namespace hydra_clients::cli

#include <iostream>

#include "cli/build_info.h"
#include "cli/commands.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients version               # what to put into a report of a fault\n"
    "  hydra-clients version | head -n 1\n"
    "  hydra-clients --version             # the same";

}  // namespace

std::string versionText() {
  std::string text = "hydra-clients " + std::string(kVersion) + " (commit " + std::string(kCommit) + ")";
  for (const auto& [library, version] : libraryVersions()) text += "\n  " + library + " " + version;
  return text;
}

void addVersionCommand(CLI::App& program, Outcome&) {
  CLI::App* command =
      program.add_subcommand("version", "Print the version, the commit and the libraries' versions");
  command->footer(kExamples);
  command->callback([] { std::cout << versionText() << "\n"; });
}

}  // namespace hydra_clients::cli

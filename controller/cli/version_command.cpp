#include <iostream>

#include <fmt/format.h>

#include "cli/build_info.h"
#include "cli/commands.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kAbout =
    "Print the version, the commit and the libraries' versions\n\n"
    "The first line names the program, its version and the commit that was built; below it stands a line for "
    "each "
    "library. Put all of it into the report of a fault.";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients version\n"
    "  hydra-clients version | head -n 1\n"
    "  hydra-clients --version             # the same\n"
    "\n"
    "Exit codes: 0 success, 1 standard output could not be written.";

}  // namespace

std::string versionText() {
  std::string text = "hydra-clients " + std::string(kVersion) + " (commit " + std::string(kCommit) + ")";
  for (const auto& [library, version] : libraryVersions()) text += fmt::format("\n  {} {}", library, version);
  return text;
}

void addVersionCommand(CLI::App& program, Outcome&) {
  CLI::App* command = program.add_subcommand("version", kAbout);
  command->footer(kExamples);
  command->callback([] { std::cout << versionText() << "\n"; });
}

}  // namespace hydra_clients::cli

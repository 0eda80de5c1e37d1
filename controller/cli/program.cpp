#include "cli/program.h"

#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "cli/help_formatter.h"
#include "secrets/reference.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kAbout =
    "Keeps the OAuth 2.0 clients of an ORY Hydra as they stand in Git: imports those that are missing, "
    "reports those "
    "that differ, and never updates or deletes one.";

constexpr const char* kFirstSteps =
    "First steps:\n"
    "  hydra-clients validate clients/                                     # is every file right? offline\n"
    "  hydra-clients plan --endpoint http://127.0.0.1:4445 --manifests clients/\n"
    "  hydra-clients run  --endpoint http://127.0.0.1:4445 --manifests clients/\n"
    "\n"
    "Every flag can also be set by an environment variable: HYDRA_CLIENTS_ and the flag's name, as --help "
    "shows.\n"
    "Exit codes: 0 success, 1 failure, 2 (plan) not everything is in sync, 64 a mistake on the command line.";

/// "hydra-clients import --help" behind an error of `import`.
std::string helpOf(const CLI::App& program) {
  std::string command = program.get_name();
  for (const CLI::App* sub : program.get_subcommands()) command += " " + sub->get_name();
  return command + " --help";
}

int report(const CLI::App& program, const CLI::Error& error) {
  if (error.get_exit_code() == 0) return program.exit(error);  // --help
  std::cerr << "hydra-clients: " << error.what() << "\nSee " << helpOf(program) << "\n";
  return kUsageError;
}

}  // namespace

int runProgram(int argc, const char* const* argv, const char* const* environment) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error to report, not a reason to die
  Outcome outcome;
  CLI::App program{kAbout, "hydra-clients"};
  program.require_subcommand(1);
  program.formatter(std::make_shared<HelpFormatter>());  // before the commands, which inherit it
  program.set_help_flag("-h,--help", "show this text");
  program.footer(kFirstSteps);
  addImportCommand(program, outcome);
  addRunCommand(program, outcome);
  addPlanCommand(program, outcome);
  addValidateCommand(program, outcome);
  addVersionCommand(program, outcome);
  addCompletionCommand(program, outcome);
  for (const std::string& warning :
       unknownVariables(program, environment, secrets::ReferenceOptions{}.envPrefix)) {
    std::cerr << "hydra-clients: warning: " << warning << "\n";
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::Error& error) {
    return report(program, error);
  } catch (const std::exception& error) {
    std::cerr << "hydra-clients: " << error.what() << "\n";
    return kFailure;
  }
  return outcome.exitCode;
}

}  // namespace hydra_clients::cli

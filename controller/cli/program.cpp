#include "cli/program.h"

#include <array>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <string>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "cli/command_tree.h"
#include "cli/commands.h"
#include "cli/environment.h"
#include "cli/exit_code.h"
#include "cli/help_formatter.h"
#include "cli/large_buffers.h"
#include "cli/mistakes.h"
#include "secrets/reference.h"

namespace hydra_clients::cli {
namespace {

using Words = std::span<const char* const>;

constexpr const char* kAbout =
    "Keeps the OAuth 2.0 clients of an ORY Hydra as they stand in Git: imports those that are missing, "
    "reports those "
    "that differ, and never updates or deletes one.";

constexpr const char* kFirstSteps =
    "First steps, with a Hydra whose admin API is at http://127.0.0.1:4445:\n"
    "  hydra-clients validate manifests/           # is every file right? needs no Hydra\n"
    "  hydra-clients plan --endpoint http://127.0.0.1:4445 --manifests manifests/     # what is missing?\n"
    "  hydra-clients run  --endpoint http://127.0.0.1:4445 --manifests manifests/     # import it, go on "
    "watching\n"
    "\n"
    "Every flag can also be set by an environment variable, as COMMAND --help shows: HYDRA_CLIENTS_ and the\n"
    "flag's name. A flag wins over its variable; an empty variable counts as unset.\n"
    "\n"
    "Exit codes: 0 success, 1 failure, 2 (plan) not everything is in sync, 64 a mistake on the command line.";

/// "hydra-clients import --help" behind an error of `import`.
std::string helpOf(const CLI::App& program) {
  const std::string command = typedName(selectedCommand(program));
  return program.get_name() + (command.empty() ? "" : " " + command) + " --help";
}

int report(const CLI::App& program, const CLI::Error& error, Words words) {
  if (error.get_exit_code() == 0) return program.exit(error);  // --help, --version
  if (words.empty()) {
    std::cerr << program.help();
  } else {
    std::cerr << "hydra-clients: " << explain(program, error, words) << "\nSee " << helpOf(program) << "\n";
  }
  return kUsageError;
}

int run(CLI::App& program, const Outcome& outcome, int argc, const char* const* argv) {
  try {
    program.parse(argc, argv);
  } catch (const CLI::Error& error) {
    return report(program, error, Words(argv, static_cast<std::size_t>(argc)).subspan(1));
  } catch (const std::exception& error) {
    std::cerr << "hydra-clients: " << error.what() << "\n";
    return kFailure;
  }
  return outcome.exitCode;
}

/// A result that nobody could read is none: a full disk and a pipe without a reader show here, whatever was
/// printed before.
int flushed(int exitCode) {
  std::cout.flush();
  if (std::cout.good()) return exitCode;
  std::cout.clear();  // for a caller that goes on
  std::cerr << "hydra-clients: standard output could not be written\n";
  return exitCode == kSuccess || exitCode == kDiffers ? kFailure : exitCode;
}

/// A standard stream that is closed would give its number to the next socket, and the results would go there.
/// In its place stands one that fails (standard input, output) or is silent (standard error).
void holdStandardStreams() {
  constexpr std::array<int, 3> kModes = {O_WRONLY, O_RDONLY, O_WRONLY};
  for (int stream = 0; stream < 3; ++stream) {
    if (fcntl(stream, F_GETFD) == -1) open("/dev/null", kModes.at(static_cast<std::size_t>(stream)));
  }
}

/// Secrets pass through this process, so no core file is written, and no other process of the same user reads
/// its memory or its environment (/proc/PID/mem, environ; ptrace). Not in a debug build: a debugger could not
/// attach.
void keepMemoryPrivate() {
#ifdef NDEBUG
  constexpr rlimit kNone{0, 0};
  setrlimit(RLIMIT_CORE, &kNone);
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace

int runProgram(int argc, const char* const* argv, const char* const* environment) {
  keepMemoryPrivate();
  giveLargeBuffersBack();
  holdStandardStreams();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error to report, not a reason to die
  std::signal(SIGXFSZ, SIG_IGN);  // so is a limit on the size of files (ulimit -f)
  std::signal(SIGCHLD, SIG_DFL);  // ignored, as may be inherited, it would hide how a fetch has ended
  Outcome outcome;
  CLI::App program{kAbout, "hydra-clients"};
  program.require_subcommand(1);
  program.formatter(std::make_shared<HelpFormatter>());  // before the commands, which inherit it
  program.set_help_flag("-h,--help", "show this text");
  program.set_version_flag("--version", versionText, "show the version, as the command \"version\" does");
  program.footer(kFirstSteps);
  addImportCommand(program, outcome);
  addRunCommand(program, outcome);
  addPlanCommand(program, outcome);
  addFetchCommand(program, outcome);
  addValidateCommand(program, outcome);
  addSealCommand(program, outcome);
  addExportCommand(program, outcome);
  addSecretsCommands(program, outcome);
  addHealthCommand(program, outcome);
  addVersionCommand(program, outcome);
  addCompletionCommand(program, outcome);
  addHelpCommand(program, outcome);
  for (const std::string& warning :
       unknownVariables(program, environment, secrets::ReferenceOptions{}.envPrefix)) {
    std::cerr << "hydra-clients: warning: " << warning << "\n";
  }
  return flushed(run(program, outcome, argc, argv));
}

}  // namespace hydra_clients::cli

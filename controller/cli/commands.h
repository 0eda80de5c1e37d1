#pragma once

// The subcommands. Each adds itself, with its flags, help and examples, to the program; running it sets the
// exit code.

#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>

namespace hydra_clients::cli {

/// What a command leaves behind.
struct Outcome {
  int exitCode = 0;
};

void addImportCommand(CLI::App& program, Outcome& outcome);
void addRunCommand(CLI::App& program, Outcome& outcome);
void addPlanCommand(CLI::App& program, Outcome& outcome);
void addSealCommand(CLI::App& program, Outcome& outcome);
void addExportCommand(CLI::App& program, Outcome& outcome);
void addSecretsCommands(CLI::App& program, Outcome& outcome);
void addFetchCommand(CLI::App& program, Outcome& outcome);
void addValidateCommand(CLI::App& program, Outcome& outcome);
void addVersionCommand(CLI::App& program, Outcome& outcome);
void addCompletionCommand(CLI::App& program, Outcome& outcome);
void addHealthCommand(CLI::App& program, Outcome& outcome);
void addHelpCommand(CLI::App& program, Outcome& outcome);

/// What `version` and --version print, without a final newline.
[[nodiscard]] std::string versionText();

/// A mistake on the command line that only the command could see: printed with a pointer to its help, exit
/// code 64.
class UsageError : public CLI::Error {
 public:
  explicit UsageError(const std::string& message) : CLI::Error("UsageError", message, 64) {}
};

/// What keeps a command from beginning although its command line is right, such as a file that cannot be
/// read: printed, exit code 1.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hydra_clients::cli

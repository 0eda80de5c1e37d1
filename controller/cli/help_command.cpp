#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/help_formatter.h"
#include "cli/mistakes.h"
#include "cli/reference_pages.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kAbout =
    "Show how a command is used\n\n"
    "The same text as COMMAND --help; without COMMAND, what commands there are. --page prints a reference "
    "page "
    "in Markdown, as it stands in docs/: cli (every command and flag), metrics (every series of /metrics), "
    "rules "
    "(what validate looks for) or fields (what a manifest may hold).";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients help plan\n"
    "  hydra-clients help --page cli > docs/cli.md\n"
    "\n"
    "Exit codes: 0 success, 1 standard output could not be written, 64 there is no such command.";

struct Flags {
  std::string command;
  std::string page;
};

/// "import|run|…": what completes COMMAND. A name that is none is answered with a suggestion instead.
std::string commandNames(const CLI::App& program) {
  std::string names;
  for (const CLI::App* command : program.get_subcommands({})) {
    names += (names.empty() ? "" : "|") + command->get_name();
  }
  return names;
}

void show(const CLI::App& program, const Flags& flags) {
  if (flags.page == "cli") {
    std::cout << cliPage(program);
  } else if (flags.page == "metrics") {
    std::cout << metricsPage();
  } else if (flags.page == "rules") {
    std::cout << rulesPage();
  } else if (flags.page == "fields") {
    std::cout << fieldsPage();
  } else if (flags.command.empty()) {
    std::cout << helpTextOf(program);
  } else {
    const auto named = [&](const CLI::App* command) { return command->get_name() == flags.command; };
    const auto commands = program.get_subcommands(named);
    if (commands.empty()) throw UsageError(unknownCommand(program, flags.command));
    std::cout << helpTextOf(*commands.front());
  }
}

}  // namespace

void addHelpCommand(CLI::App& program, Outcome&) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = program.add_subcommand("help", kAbout);
  command->footer(kExamples);
  command->add_option("COMMAND", flags->command, "the command to explain")->type_name(commandNames(program));
  takeOneOf(addFlag(*command, "page", flags->page, "print this reference page"),
            {"cli", "fields", "metrics", "rules"});
  command->callback([flags, &program] { show(program, *flags); });
}

}  // namespace hydra_clients::cli

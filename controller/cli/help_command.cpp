#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/command_tree.h"
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
    "page, as it stands in docs/: in Markdown cli (every command and flag), metrics (every series of "
    "/metrics), rules (what validate looks for) and fields (what a manifest may hold); for man(1) man.";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients help plan\n"
    "  hydra-clients help secrets show\n"
    "  hydra-clients help --page cli > docs/cli.md\n"
    "  hydra-clients help --page man | man -l -\n"
    "\n"
    "Exit codes: 0 success, 1 standard output could not be written, 64 there is no such command.";

struct Flags {
  std::vector<std::string> words;  ///< of the command
  std::string page;
};

/// "import|run|…": what completes COMMAND. A name that is none is answered with a suggestion instead.
std::string commandNames(const CLI::App& program) {
  std::string names;
  for (const std::string& name : namesBelow(program)) names += (names.empty() ? "" : "|") + name;
  return names;
}

/// The command that the words name, be it a group.
const CLI::App& commandOf(const CLI::App& program, const std::vector<std::string>& words) {
  const CLI::App* command = &program;
  for (const std::string& word : words) {
    const auto named = [&](const CLI::App* below) { return below->get_name() == word; };
    const auto found = command->get_subcommands(named);
    if (found.empty()) throw UsageError(unknownCommand(*command, word));
    command = found.front();
  }
  return *command;
}

void show(const CLI::App& program, const Flags& flags) {
  if (flags.page == "cli") {
    std::cout << cliPage(program);
  } else if (flags.page == "metrics") {
    std::cout << metricsPage();
  } else if (flags.page == "man") {
    std::cout << manPage(program);
  } else if (flags.page == "rules") {
    std::cout << rulesPage();
  } else if (flags.page == "fields") {
    std::cout << fieldsPage();
  } else {
    std::cout << helpTextOf(commandOf(program, flags.words));
  }
}

}  // namespace

void addHelpCommand(CLI::App& program, Outcome&) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = program.add_subcommand("help", kAbout);
  command->footer(kExamples);
  command->add_option("COMMAND", flags->words, "the command to explain")->type_name(commandNames(program));
  takeOneOf(addFlag(*command, "page", flags->page, "print this reference page"),
            {"cli", "fields", "man", "metrics", "rules"});
  command->callback([flags, &program] { show(program, *flags); });
}

}  // namespace hydra_clients::cli

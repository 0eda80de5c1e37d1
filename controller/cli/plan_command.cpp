#include <iostream>
#include <memory>
#include <string>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "cli/plan_markdown.h"
#include "cli/progress.h"
#include "cli/reconcile_flags.h"
#include "cli/signals.h"
#include "reconcile/merge_plan.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kAbout =
    "Show what a cycle would do; nothing is written\n\n"
    "Reads the manifests and the live clients and prints a line for each client that is not in sync: to be "
    "imported, in conflict (with the fields that differ and the two ways out), invalid, duplicate, waiting "
    "for a "
    "secret. The last line counts them all. Only GET requests are sent. Good for a pull request's CI job, "
    "and "
    "before the first run.\n\n"
    "--against REV shows what merging --ref (or what is checked out) into REV would change: only the clients "
    "whose "
    "manifests differ between the two, those whose manifests go away included. As in git diff REV...REF, the "
    "change "
    "is compared with the commit at which it parted from REV. With --working-tree, what is not committed is "
    "the "
    "change. --output markdown is a comment for the pull request.";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients plan --endpoint http://127.0.0.1:4445 --manifests manifests/\n"
    "  HYDRA_ADMIN_URL=http://127.0.0.1:4445 hydra-clients plan --manifests manifests/\n"
    "  hydra-clients plan --endpoint http://127.0.0.1:4445 --manifests manifests/ --output json | jq "
    ".summary\n"
    "  hydra-clients plan --endpoint http://127.0.0.1:4445 --manifests repo/ --ref feature --against main\n"
    "  hydra-clients plan --endpoint http://127.0.0.1:4445 --manifests repo/ --working-tree --against HEAD\n"
    "  hydra-clients plan --endpoint http://127.0.0.1:4445 --git-url https://git.example.org/clients.git "
    "--state-dir state/\n"
    "\n"
    "Exit codes: 0 everything is in sync, 1 it could not be found out, 2 something is not in sync (something "
    "to\n"
    "import, a conflict, …), 64 a mistake on the command line. With --against: 0 merging changes nothing in "
    "Hydra and\n"
    "leaves nothing to a person, 1 it could not be found out, 2 a client would be imported, is at fault or "
    "in "
    "conflict,\n"
    "or stays in Hydra without a manifest.";

int exitCodeOf(const reconcile::CycleReport& report) {
  if (report.result == reconcile::CycleResult::kFailed) return kFailure;
  const bool inSync = report.error.empty() && report.count(reconcile::Outcome::kInSync) == report.declared();
  return inSync ? kSuccess : kDiffers;
}

int exitCodeOf(const reconcile::MergeReport& report) {
  if (!report.known()) return kFailure;
  return report.leavesNothingToDo() ? kSuccess : kDiffers;
}

void print(const reconcile::CycleReport& report, const std::string& output) {
  if (output != "markdown") return printReport(report, output, "plan");
  printAsides(report);
  std::cout << planMarkdown(report);
}

void print(const reconcile::MergeReport& report, const std::string& output) {
  if (output == "json") {
    std::cout << json::writePretty(toJson(report)) << "\n";
    return;
  }
  printAsides(report.cycle);
  std::cout << (output == "markdown" ? mergeMarkdown(report) : toText(report));
}

int plan(const ReconcileFlags& flags) {
  SignalThread::block();
  flags.source.check();
  for (const std::string& warning : flags.source.warnings())
    std::cerr << "hydra-clients: warning: " << warning << "\n";
  ProgressDisplay progress(StreamWriter(STDERR_FILENO, {}), progressOnStandardError(flags.quiet));
  Session session = openSession(flags.connection);
  const SignalThread signals({.lookNow = {}, .cutOff = [&] { session.transport->cancelAll(); }});
  Sides sides(flags, Mode::kPlans, session, signals.stopToken(), {},
              [&](const reconcile::Progress& now) { progress.show(now); });
  const auto show = [&](const auto& report) {
    progress.clear();
    print(report, flags.output);
    return exitCodeOf(report);
  };
  if (!flags.source.compares()) return show(sides.reconciler.plan(signals.stopToken()));
  return show(reconcile::planMerge(
      sides.reconciler, sides.reader,
      [&](const std::string& revision) { return flags.source.findBase(revision); }, signals.stopToken()));
}

}  // namespace

void addPlanCommand(CLI::App& program, Outcome& outcome) {
  auto flags = std::make_shared<ReconcileFlags>();
  CLI::App* command = program.add_subcommand("plan", kAbout);
  command->footer(kExamples);
  flags->addTo(*command);
  flags->source.addAgainstTo(*command);
  addChoiceFlag(
      *command, "output", flags->output,
      "what standard output gets: text for people, json for programs, markdown for a pull request's comment",
      {"text", "json", "markdown"});
  command->callback([flags, &outcome] { outcome.exitCode = plan(*flags); });
}

}  // namespace hydra_clients::cli

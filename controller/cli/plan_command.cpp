#include <memory>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/reconcile_flags.h"
#include "cli/signals.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kAbout =
    "Show what a cycle would do; nothing is written\n\n"
    "Reads the manifests and the live clients and prints a line for each client that is not in sync: to be "
    "imported, in conflict (with the fields that differ and the two ways out), invalid, duplicate, waiting "
    "for a "
    "secret. The last line counts them all. Only GET requests are sent. Good for a pull request's CI job, "
    "and "
    "before the first run.";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients plan --endpoint http://127.0.0.1:4445 --manifests manifests/\n"
    "  HYDRA_ADMIN_URL=http://127.0.0.1:4445 hydra-clients plan --manifests manifests/\n"
    "  hydra-clients plan --endpoint http://127.0.0.1:4445 --manifests manifests/ --output json | jq "
    ".summary\n"
    "\n"
    "Exit codes: 0 everything is in sync, 1 it could not be found out, 2 something is not in sync (something "
    "to\n"
    "import, a conflict, …), 64 a mistake on the command line.";

int exitCodeOf(const reconcile::CycleReport& report) {
  if (report.result == reconcile::CycleResult::kFailed) return kFailure;
  const bool inSync = report.error.empty() && report.count(reconcile::Outcome::kInSync) == report.declared();
  return inSync ? kSuccess : kDiffers;
}

int plan(const ReconcileFlags& flags) {
  SignalThread::block();
  ProgressDisplay progress(StreamWriter(STDERR_FILENO, {}), progressOnStandardError(flags.quiet));
  Session session = openSession(flags.connection);
  const SignalThread signals({.lookNow = {}, .cutOff = [&] { session.transport->cancelAll(); }});
  Sides sides(flags, Mode::kPlans, session, signals.stopToken(), {},
              [&](const reconcile::Progress& now) { progress.show(now); });
  const reconcile::CycleReport report = sides.reconciler.plan(signals.stopToken());
  progress.clear();
  printReport(report, flags.output, "plan");
  return exitCodeOf(report);
}

}  // namespace

void addPlanCommand(CLI::App& program, Outcome& outcome) {
  auto flags = std::make_shared<ReconcileFlags>();
  CLI::App* command = program.add_subcommand("plan", kAbout);
  command->footer(kExamples);
  flags->addTo(*command);
  command->callback([flags, &outcome] { outcome.exitCode = plan(*flags); });
}

}  // namespace hydra_clients::cli

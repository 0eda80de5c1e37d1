#include <memory>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/reconcile_flags.h"
#include "cli/signals.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients plan --endpoint http://127.0.0.1:4445 --manifests clients/\n"
    "  hydra-clients plan --endpoint $HYDRA_ADMIN_URL --manifests clients/ --output json | jq .summary\n"
    "\n"
    "Exit codes: 0 everything is in sync, 1 failed, 2 anything else (something to import, a conflict, …).";

int exitCodeOf(const reconcile::CycleReport& report) {
  if (report.result == reconcile::CycleResult::kFailed) return kFailure;
  const bool inSync =
      report.error.empty() && report.count(reconcile::Outcome::kInSync) == report.clients.size();
  return inSync ? kSuccess : kDiffers;
}

int plan(const ReconcileFlags& flags) {
  SignalThread::block();
  Sides sides(flags, {}, {});
  const SignalThread signals({.lookNow = {}, .cutOff = [&] { sides.session.transport->cancelAll(); }});
  const reconcile::CycleReport report = sides.reconciler.plan(signals.stopToken());
  printReport(report, flags.output, "plan");
  return exitCodeOf(report);
}

}  // namespace

void addPlanCommand(CLI::App& program, Outcome& outcome) {
  auto flags = std::make_shared<ReconcileFlags>();
  CLI::App* command = program.add_subcommand("plan", "Show what a cycle would do; nothing is written");
  command->footer(kExamples);
  flags->addTo(*command);
  command->callback([flags, &outcome] { outcome.exitCode = plan(*flags); });
}

}  // namespace hydra_clients::cli

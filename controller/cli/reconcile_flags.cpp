#include "cli/reconcile_flags.h"

#include <iostream>
#include <utility>

#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/progress.h"
#include "client/json.h"
#include "client/one_line.h"

namespace hydra_clients::cli {
namespace {

/// How long a cycle goes on trying a client that failed in passing; later cycles try again.
constexpr std::chrono::milliseconds kTriesWithinCycle{2'000};

manifest::SetReader makeReader(const ReconcileFlags& flags) {
  auto options = flags.manifests.options();
  if (!options) throw UsageError(options.error());
  options->secretsEnvPrefix = flags.references.envPrefix;
  return manifest::SetReader(std::move(*options));
}

/// GnuPG with the recipients of generated secrets; null where none is generated.
std::unique_ptr<secrets::Pgp> startPgp(const ReconcileFlags& flags, const std::string& caFile,
                                       const std::stop_token& stop) {
  flags.pgp.check();
  if (flags.pgp.given() != !flags.outbox.empty()) {
    throw UsageError(
        flags.pgp.given()
            ? "a PGP key is given, by a flag or by its variable, so --outbox (or HYDRA_CLIENTS_OUTBOX) is "
              "needed: the folder that is to hold the generated secrets, encrypted"
            : "--outbox needs a recipient: --pgp-key-file, --pgp-key, --pgp-key-url or "
              "--keybase");
  }
  if (!flags.pgp.given()) return nullptr;
  auto pgp = flags.pgp.start(caFile, stop);
  if (!pgp) throw Failure(pgp.error());
  return std::move(*pgp);
}

std::unique_ptr<reconcile::SecretKeeper> makeKeeper(const ReconcileFlags& flags, Mode mode,
                                                    secrets::Pgp* pgp) {
  return pgp == nullptr || mode == Mode::kPlans
             ? nullptr
             : std::make_unique<reconcile::SecretKeeper>(flags.outbox, *pgp);
}

reconcile::ImportOptions importOptions(const ReconcileFlags& flags, reconcile::SecretKeeper* keeper) {
  reconcile::ImportOptions options;
  options.parallelism = flags.connection.parallelism;
  options.pace = flags.writes.pace();
  options.failAfter = kTriesWithinCycle;
  options.secrets.references = openReferences(flags.references);
  if (flags.pgp.given()) options.secrets.generated = reconcile::SecretPolicy::Generated::kKept;
  options.secrets.keeper = keeper;
  return options;
}

std::unique_ptr<manifest::ManifestSource> openSource(const ReconcileFlags& flags, Mode mode,
                                                     const std::stop_token& stop,
                                                     std::function<manifest::FetchStatus()> fetchStatus) {
  if (flags.source.fetches() && !fetchStatus) {
    flags.source.check();
    const auto command = flags.source.fetchCommand(/*holdsState=*/mode == Mode::kImports);
    fetchStatus = [status = fetchOnce(command, stop)] { return status; };
  }
  using Access = manifest::LastGoodCommit::Access;
  return flags.source.open(mode == Mode::kPlans ? Access::kReads : Access::kKeeps, std::move(fetchStatus));
}

}  // namespace

void ReconcileFlags::addTo(CLI::App& command) {
  source.addTo(command);
  connection.addTo(command);
  addQuietFlag(command, quiet);
  addSecretFlags(command, references);
  pgp.addTo(command);
  addFlag(command, "outbox", outbox,
          "the folder that receives generated secrets, encrypted; it must outlive the container")
      ->type_name("FOLDER")
      ->group("Encryption of generated secrets");
  manifests.addTo(command);
}

Sides::Sides(const ReconcileFlags& flags, Mode mode, Session& session, const std::stop_token& stop,
             std::function<void()> beat, reconcile::ProgressObserver progress,
             std::function<manifest::FetchStatus()> fetchStatus)
    : pgp(startPgp(flags, session.options.caFile, stop)),
      keeper(makeKeeper(flags, mode, pgp.get())),
      source(openSource(flags, mode, stop, std::move(fetchStatus))),
      reader(makeReader(flags)),
      reconciler({*source, reader, *session.api, session.options}, importOptions(flags, keeper.get()),
                 std::move(beat), std::move(progress)) {}

void printAsides(const reconcile::CycleReport& report) {
  for (const std::string& notice : report.notices)
    std::cerr << "hydra-clients: warning: " << onOneLine(notice) << "\n";
  for (const manifest::Fault& warning : report.warnings) std::cerr << manifest::format(warning) << "\n";
  if (!report.error.empty()) std::cerr << "hydra-clients: " << onOneLine(report.error) << "\n";
  if (!report.listError.empty()) {
    std::cerr << "hydra-clients: warning: " << onOneLine(report.listError)
              << "; the declared clients were asked for one by one, others were not counted\n";
  }
  for (const std::string& warning : report.outboxWarnings)
    std::cerr << "hydra-clients: warning: " << onOneLine(warning) << "\n";
  if (!report.outboxError.empty()) std::cerr << "hydra-clients: " << onOneLine(report.outboxError) << "\n";
}

void printReport(const reconcile::CycleReport& report, const std::string& output, std::string_view command) {
  if (output == "json") {
    std::cout << json::writePretty(reconcile::toJson(report, command)) << "\n";
    return;
  }
  printAsides(report);
  std::cout << reconcile::toText(report);
}

}  // namespace hydra_clients::cli

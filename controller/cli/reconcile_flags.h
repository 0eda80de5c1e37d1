#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/connection_flags.h"
#include "cli/manifest_flags.h"
#include "cli/pgp_flags.h"
#include "cli/session.h"
#include "cli/source_flags.h"
#include "cli/write_flags.h"
#include "manifest/set_reader.h"
#include "manifest/source.h"
#include "reconcile/reconciler.h"

namespace hydra_clients::cli {

/// What `plan` and `run` share: the source, the way to Hydra, and the reconciler made of both.
struct ReconcileFlags {
  ConnectionFlags connection;
  ManifestFlags manifests;
  secrets::ReferenceOptions references;
  PgpFlags pgp;
  std::string outbox;  ///< the folder for generated secrets; "" where none is generated
  SourceFlags source;
  std::string output = "text";
  bool quiet = false;
  WriteFlags writes;  ///< declared by `run` alone

  /// All but `--output`.
  void addTo(CLI::App& command);
};

/// Whether a command only looks, or imports too.
enum class Mode : std::uint8_t { kPlans, kImports };

/// The two sides, open for the length of a command, over a session that outlives them. Not movable: the
/// reconciler refers to the rest.
class Sides {
 public:
  /// Throws UsageError for a mistake in the flags, Failure where a recipient's key cannot be had or used.
  /// `stop` ends the wait for a key or for manifests that are fetched. `fetchStatus`: somebody fetches all
  /// the time; where it is empty, and manifests are to be fetched, that is done once, here.
  Sides(const ReconcileFlags& flags, Mode mode, Session& session, const std::stop_token& stop,
        std::function<void()> beat, reconcile::ProgressObserver progress,
        std::function<manifest::FetchStatus()> fetchStatus = {});

  std::unique_ptr<secrets::Pgp> pgp;                ///< null where no secret is generated
  std::unique_ptr<reconcile::SecretKeeper> keeper;  ///< the same, and where nothing is sent
  std::unique_ptr<manifest::ManifestSource> source;
  manifest::SetReader reader;
  reconcile::Reconciler reconciler;
};

/// What a report says beside its clients, on standard error: notices, warnings, errors.
void printAsides(const reconcile::CycleReport& report);
/// Prints a report as `--output` says, text or json.
void printReport(const reconcile::CycleReport& report, const std::string& output, std::string_view command);

}  // namespace hydra_clients::cli

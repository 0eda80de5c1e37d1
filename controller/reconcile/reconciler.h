#pragma once

// One cycle: read the snapshot, read the live state, plan, import, report.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "hydra/admin_api.h"
#include "hydra/curl.h"
#include "hydra/endpoint.h"
#include "hydra/live_state.h"
#include "manifest/set_reader.h"
#include "manifest/source.h"
#include "reconcile/attempts.h"
#include "reconcile/compared.h"
#include "reconcile/conflict_hint.h"
#include "reconcile/importer.h"
#include "reconcile/pending_secrets.h"
#include "reconcile/plan.h"
#include "reconcile/progress.h"
#include "reconcile/report.h"
#include "reconcile/wanted_clients.h"

namespace hydra_clients::reconcile {

/// What a reconciler works with. All outlive it.
struct Sides {
  manifest::ManifestSource& source;
  manifest::SetReader& reader;
  hydra::AdminApi& api;
  const hydra::ConnectionOptions& connection;  ///< for reports, and the commands that they show
};

/// Keeps what one cycle must know of the ones before: the last good set, and who is held back. Used by one
/// thread.
class Reconciler {
 public:
  /// `beat` is called as work goes on, for the heart beat of /healthz; `progress` is told how far it is.
  Reconciler(Sides sides, ImportOptions imports, std::function<void()> beat = {},
             ProgressObserver progress = {});

  /// One cycle. Never throws; every failure is in the report.
  CycleReport runOnce(const std::stop_token& stop);
  /// Makes of what was read what is planned for. An error ends the plan, as that of a source does.
  using Rework =
      std::function<tl::expected<manifest::ManifestSetPtr, manifest::SourceError>(const manifest::Reading&)>;
  /// The same without the imports: what a cycle would do.
  CycleReport plan(const std::stop_token& stop, const Rework& rework = {});

  /// When a held-back client may be tried again.
  [[nodiscard]] std::optional<SteadyTime> nextDue() const { return attempts_.nextDue(); }
  /// No client that was not imported for the moment waits for longer.
  void retryWithin(std::chrono::milliseconds longest) { attempts_.retryWithin(longest); }
  /// Hydra was restarted: what it refused before may be taken now.
  void forgetAttempts() {
    attempts_.forgetAll();
    wanted_.forget();
  }

  /// What a person can type to give a client that is in Hydra the secret of its manifest; "" where nothing
  /// can be said.
  [[nodiscard]] std::string secretCommand(const manifest::Manifest& manifest) const;

  /// The set in force after the last cycle; null before the first.
  [[nodiscard]] const manifest::ManifestSetPtr& desired() const { return desired_; }

 private:
  CycleReport cycle(const std::stop_token& stop, bool apply, const Rework& rework);
  /// The steps of one cycle; ends at the first that fails, with the reason in the report. May throw.
  void takeSteps(const std::stop_token& stop, bool apply, const Rework& rework, CycleReport& report);
  /// The set to work with; the last good one where this reading failed, with the reason in the report.
  bool readDesired(const std::stop_token& stop, const Rework& rework, CycleReport& report);
  /// Lets go of a set that was in force while the source could be read, where its commit's signature holds no
  /// more: a key was revoked.
  void withdrawUnproven(CycleReport& report);
  /// Adds it to the error of a source that could not be read, where that does not say it.
  void sayWhatStays(CycleReport& report) const;
  /// Asks Hydra who it is, and begins to read its clients.
  tl::expected<hydra::Dialect, hydra::AdminError> recognise();
  /// nullopt, with the reason in the report, where the live state could not be read.
  std::optional<hydra::LiveStateSummary> readLive(Planner& planner, const std::stop_token& stop,
                                                  CycleReport& report);
  /// What this cycle says for sure of the clients that only a list shows. `listed`: a list was read.
  void confirmWanted(const CycleReport& report, bool listed);
  std::optional<HeldBack> holdBack(const manifest::Manifest& manifest, const std::stop_token& stop) const;
  /// Opens the outbox where it is not open, and says in the report whether it can be used; at a cycle's end
  /// whether it could be, and how much is pending.
  static void beginKeeping(SecretKeeper& keeper, CycleReport& report);
  static void endKeeping(SecretKeeper& keeper, CycleReport& report);
  /// Settles what earlier attempts left in the outbox, where one is used.
  void settleSecrets(const Plan& plan, const std::stop_token& stop, CycleReport& report);
  void importMissing(const Plan& plan, const std::stop_token& stop, CycleReport& report);
  void note(const manifest::ManifestPtr& manifest, const ImportResult& result, ClientReport& client);
  /// When those that were refused or failed for the moment are tried again.
  void showNextTries(CycleReport& report) const;
  void describe(const Plan& plan, CycleReport& report) const;
  /// Where no plan can be made: what is known without Hydra.
  void describeFaulty(CycleReport& report) const;
  /// Where the files of the set in force are.
  [[nodiscard]] ManifestPlace place() const;
  void showWaysOut(const manifest::Manifest& manifest, ClientReport& client) const;

  Sides sides_;
  hydra::Curl curl_;
  ImportOptions imports_;
  std::function<void()> beat_;
  ProgressObserver progress_;
  Attempts attempts_;
  manifest::ManifestSetPtr desired_;
  manifest::Revision revision_;  ///< of desired_
  manifest::StillProven proof_;  ///< of desired_
  hydra::LiveState live_;
  WantedClients wanted_;
  Compared compared_;
  PendingSecrets pendingSecrets_;
};

}  // namespace hydra_clients::reconcile

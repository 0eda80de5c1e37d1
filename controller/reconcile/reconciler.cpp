#include "reconcile/reconciler.h"

#include <algorithm>
#include <exception>
#include <new>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "reconcile/conflict_hint.h"
#include "reconcile/wall_clock.h"

namespace hydra_clients::reconcile {
namespace {

using std::chrono::steady_clock;

ClientReport reportOf(const PlannedClient& planned) {
  ClientReport client;
  client.id = planned.id;
  client.outcome = planned.outcome;
  client.places = planned.places;
  client.differences = planned.differences;
  client.unknown = planned.unknown;
  client.reason = planned.reason;
  client.faults = planned.faults;
  return client;
}

Outcome outcomeOf(ImportResult::Kind kind) {
  switch (kind) {
    case ImportResult::Kind::kImported:
      return Outcome::kImport;
    case ImportResult::Kind::kInSync:
      return Outcome::kInSync;
    case ImportResult::Kind::kConflict:
    case ImportResult::Kind::kExists:
      return Outcome::kConflict;
    case ImportResult::Kind::kRefused:
      return Outcome::kRefused;
    case ImportResult::Kind::kWaiting:
      return Outcome::kWaiting;
    default:
      return Outcome::kRetrying;
  }
}

/// In words for those who set the limits.
std::string whatIsMissing(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
    return "no more memory is to be had: raise the limit on the memory of this process";
  const auto* const system = dynamic_cast<const std::system_error*>(&error);
  if (system != nullptr && system->code() == std::errc::resource_unavailable_try_again)
    return "no thread can be made: raise the limit on the processes of this user or container";
  return error.what();
}

void fail(CycleReport& report, const hydra::AdminError& error) {
  report.error = error.message;
  report.hydraAway = error.kind == hydra::AdminError::Kind::kUnreachable;
  report.retryAfter = error.retryAfter;
}

}  // namespace

Reconciler::Reconciler(Sides sides, ImportOptions imports, std::function<void()> beat,
                       ProgressObserver progress)
    : sides_(sides),
      curl_(sides.connection),
      imports_(std::move(imports)),
      beat_(beat ? std::move(beat) : [] {}),
      progress_(progress ? std::move(progress) : [](const Progress&) {}),
      live_(sides.api, imports_.parallelism > 0 ? imports_.parallelism : hydra::LiveState::kLookUps) {}

CycleReport Reconciler::runOnce(const std::stop_token& stop) { return cycle(stop, /*apply=*/true, {}); }

CycleReport Reconciler::plan(const std::stop_token& stop, const Rework& rework) {
  return cycle(stop, /*apply=*/false, rework);
}

CycleReport Reconciler::cycle(const std::stop_token& stop, bool apply, const Rework& rework) {
  const auto begin = steady_clock::now();
  CycleReport report;
  try {
    takeSteps(stop, apply, rework, report);
  } catch (const std::exception& error) {  // no memory, no thread: it may be had again in the next cycle
    report = {};
    report.error = "the cycle could not be carried out: " + whatIsMissing(error);
  }
  report.source = sides_.source.description();
  report.endpoint = sides_.connection.endpoint.text();
  report.finished = std::chrono::system_clock::now();
  report.seconds = std::chrono::duration<double>(steady_clock::now() - begin).count();
  return report;
}

void Reconciler::takeSteps(const std::stop_token& stop, bool apply, const Rework& rework,
                           CycleReport& report) {
  // Who Hydra is comes first, since its rules judge the manifests; its clients are fetched while those are
  // read.
  SecretKeeper* const keeper = imports_.secrets.keeper;
  if (keeper != nullptr) beginKeeping(*keeper, report);
  const auto dialect = recognise();
  if (!readDesired(stop, rework, report)) return;
  if (!dialect) {
    fail(report, dialect.error());
    describeFaulty(report);
    return;
  }
  report.hydra = dialect->text();
  wanted_.update(desired_, *dialect);
  Planner planner(desired_, dialect->version, compared_);
  const auto live = readLive(planner, stop, report);
  if (!live) {
    describeFaulty(report);
    return;
  }
  const Plan plan = std::move(planner).finish([&](const auto& manifest) { return holdBack(manifest, stop); },
                                              live->clients);
  describe(plan, report);
  if (apply) {
    settleSecrets(plan, stop, report);
    importMissing(plan, stop, report);
    showNextTries(report);
  }
  confirmWanted(report, live->clients.has_value());
  report.result = resultOf(report);
}

bool Reconciler::readDesired(const std::stop_token& stop, const Rework& rework, CycleReport& report) {
  auto reading = sides_.reader.read(sides_.source, [&](std::size_t read, std::size_t files) {
    beat_();
    progress_({Progress::Stage::kReadingManifests, read, files});
    return !stop.stop_requested();
  });
  if (reading && rework) {
    auto reworked = rework(*reading);
    if (reworked) {
      reading->set = std::move(*reworked);
    } else {
      reading = tl::unexpected(std::move(reworked.error()));
    }
  }
  if (reading) {
    desired_ = std::move(reading->set);
    revision_ = std::move(reading->revision);
    proof_ = std::move(reading->proof);
    report.notices = std::move(reading->notices);
    report.newestSeen = revision_;
    if (reading->refused) {
      report.newestSeen = std::move(reading->refused->seen);
      report.error = std::move(reading->refused->message);
      using Kind = manifest::SourceError::Kind;
      report.commitRefused = reading->refused->kind == Kind::kUnproven;
      // The newest commit cannot be read at all. (Fetches that fail are counted where they are made.)
      report.sourceUnread = !report.commitRefused && reading->refused->kind != Kind::kUnfetched;
    }
  } else {
    report.error = reading.error().message;
    report.newestSeen = reading.error().seen;
    report.sourceUnread = true;
    report.commitRefused = reading.error().kind == manifest::SourceError::Kind::kUnproven;
    const bool nothingThere = reading.error().kind == manifest::SourceError::Kind::kAbsent ||
                              reading.error().kind == manifest::SourceError::Kind::kEmpty;
    report.sourceAwaited = nothingThere && !desired_;
    withdrawUnproven(report);
    sayWhatStays(report);
  }
  if (!desired_) return false;
  report.revision = revision_;
  report.warnings = desired_->warnings;
  return true;
}

void Reconciler::sayWhatStays(CycleReport& report) const {
  constexpr std::string_view kStays = "stays in force";
  if (!desired_ || report.error.find(kStays) != std::string::npos) return;
  report.error += revision_.id.empty() ? "; what was read before " : "; commit " + revision_.shortId() + ' ';
  report.error += kStays;
}

void Reconciler::withdrawUnproven(CycleReport& report) {
  if (!proof_) return;
  const auto holds = proof_();
  if (holds) return;
  report.commitRefused = true;
  report.error += "; commit " + revision_.id + ", which was in force, is so no more: nothing is imported";
  if (report.error.find(holds.error()) == std::string::npos) report.error += " (" + holds.error() + ")";
  desired_.reset();
}

tl::expected<hydra::Dialect, hydra::AdminError> Reconciler::recognise() {
  auto dialect = sides_.api.detect();
  if (!dialect) return dialect;
  sides_.reader.judgeFor(dialect->version);
  live_.begin(desired_ ? std::optional(desired_->manifests.size()) : std::nullopt);
  return dialect;
}

std::optional<hydra::LiveStateSummary> Reconciler::readLive(Planner& planner, const std::stop_token& stop,
                                                            CycleReport& report) {
  progress_({Progress::Stage::kReadingClients});
  hydra::LiveStateVisitor visitor;
  visitor.client = [&](const hydra::LiveClient& live) {
    planner.visit(live);
    beat_();
  };
  visitor.unread = [&](const ClientId& id, const hydra::AdminError& error) {
    planner.unread(id, error.message);
    beat_();
  };
  visitor.progress = [&](std::uint64_t done, std::optional<std::uint64_t> total) {
    progress_({.stage = Progress::Stage::kReadingClients, .done = done, .total = total});
  };
  auto summary = live_.finish(wanted_.wanted(), visitor, stop);
  if (!summary) {
    fail(report, summary.error());
    return std::nullopt;
  }
  const bool listed = summary->clients.has_value();
  if (!listed) wanted_.recallInto(planner);
  if (summary->listFault) report.listError = summary->listFault->message;
  return std::move(*summary);
}

void Reconciler::confirmWanted(const CycleReport& report, bool listed) {
  const std::vector<ClientId> listedOnly = wanted_.listedOnly();
  if (listedOnly.empty()) return;
  for (const ClientId& id : listedOnly) {
    if (report.inSync.has(id)) wanted_.confirm(id, {});
  }
  for (const ClientReport& client : report.clients) {
    const bool present = client.outcome == Outcome::kInSync || client.outcome == Outcome::kConflict ||
                         (client.outcome == Outcome::kImport && client.tried);
    if (present) {
      wanted_.confirm(client.id, client.differences);
    } else if (listed) {
      wanted_.missed(client.id);
    }
  }
}

std::optional<HeldBack> Reconciler::holdBack(const manifest::Manifest& manifest,
                                             const std::stop_token& stop) const {
  beat_();  // to open a PGP message takes a while, and there may be one for each client
  if (stop.stop_requested()) return HeldBack{Outcome::kRetrying, "stopped before it was looked at"};
  if (auto held = attempts_.heldBack(manifest, steady_clock::now())) {
    return HeldBack{held->outcome, std::move(held->reason)};
  }
  auto why = whyNoSecret(manifest, imports_.secrets);
  if (why) return HeldBack{Outcome::kWaiting, std::move(*why)};
  return std::nullopt;
}

void Reconciler::describe(const Plan& plan, CycleReport& report) const {
  report.clientsKnown = true;
  report.unmanaged = plan.unmanaged;
  report.inSync = plan.inSync;
  report.clients.reserve(plan.clients.size());
  for (const PlannedClient& planned : plan.clients) {
    ClientReport client = reportOf(planned);
    if (client.outcome == Outcome::kConflict) showWaysOut(*planned.manifest, client);
    report.clients.push_back(std::move(client));
  }
}

void Reconciler::describeFaulty(CycleReport& report) const {
  report.faultyKnown = true;
  for (const PlannedClient& planned : faultyOf(*desired_)) report.clients.push_back(reportOf(planned));
}

void Reconciler::showWaysOut(const manifest::Manifest& manifest, ClientReport& client) const {
  client.hint = conflictHint(manifest, sides_.api.dialect(), sides_.connection.endpoint.text());
  client.command = updateCommand(manifest, place(), sides_.api.dialect(), curl_);
}

std::string Reconciler::secretCommand(const manifest::Manifest& manifest) const {
  return reconcile::secretCommand(manifest, place(), sides_.api.dialect(), curl_,
                                  imports_.secrets.references.root);
}

ManifestPlace Reconciler::place() const { return {sides_.source.repository(), revision_.id}; }

void Reconciler::beginKeeping(SecretKeeper& keeper, CycleReport& report) {
  keeper.beginCycle();
  report.outboxError = keeper.obstacle().value_or("");
  report.outboxWarnings = keeper.takeWarnings();
}

void Reconciler::endKeeping(SecretKeeper& keeper, CycleReport& report) {
  auto obstacle = keeper.obstacle();
  report.outboxPending = obstacle ? std::nullopt : keeper.pending();
  if (obstacle) report.outboxError = std::move(*obstacle);
}

void Reconciler::settleSecrets(const Plan& plan, const std::stop_token& stop, CycleReport& report) {
  SecretKeeper* const keeper = imports_.secrets.keeper;
  if (keeper == nullptr) return;
  pendingSecrets_.resolve(*keeper, sides_.api, plan, stop, beat_, report);
}

void Reconciler::importMissing(const Plan& plan, const std::stop_token& stop, CycleReport& report) {
  const std::vector<manifest::ManifestPtr> missing = plan.missing();
  Importer importer(sides_.api, imports_);
  const auto beat = [this](std::size_t, const ImportResult&) {
    beat_();
    return true;
  };
  const auto results = importer.importAll(missing, stop, beat, progress_);

  // Both are in the order of the plan: the n-th import of the report is the n-th missing client.
  std::size_t next = 0;
  for (ClientReport& client : report.clients) {
    if (client.outcome == Outcome::kImport) {
      note(missing[next], results[next], client);
      if (results[next].confirmed) report.secrets.push_back({client.id, *results[next].confirmed});
      ++next;
    }
  }
  std::unordered_map<std::string_view, Outcome> outcomes;
  for (const ClientReport& client : report.clients) outcomes.emplace(client.id, client.outcome);
  attempts_.keepOnly([&](const ClientId& id) {
    const auto found = outcomes.find(id);
    return found != outcomes.end() &&
           (found->second == Outcome::kRefused || found->second == Outcome::kRetrying);
  });
  if (SecretKeeper* const keeper = imports_.secrets.keeper) {
    keeper->keepOnly([&](const ClientId& id) {
      const auto found = outcomes.find(id);
      return found != outcomes.end() && found->second == Outcome::kRetrying;
    });
    endKeeping(*keeper, report);
  }
  if (importer.fault()) {
    attempts_.forgetAll();  // nobody could be served: no client is to wait longer for that
    fail(report, *importer.fault());
    report.nobodyServed = true;
  }
}

void Reconciler::note(const manifest::ManifestPtr& manifest, const ImportResult& result,
                      ClientReport& client) {
  client.outcome = outcomeOf(result.kind);
  client.differences = result.differences;
  client.reason = result.message;
  client.tried = result.kind != ImportResult::Kind::kStopped && result.kind != ImportResult::Kind::kWaiting;
  if (client.outcome == Outcome::kConflict) showWaysOut(*manifest, client);
  if (result.kind == ImportResult::Kind::kStopped && client.reason.empty())
    client.reason = "stopped before it was sent";
  if (client.tried && (client.outcome == Outcome::kRefused || client.outcome == Outcome::kRetrying)) {
    attempts_.failed(manifest, client.outcome, client.reason, steady_clock::now(), result.retryAfter);
  }
}

void Reconciler::showNextTries(CycleReport& report) const {
  for (ClientReport& client : report.clients) {
    if (client.outcome != Outcome::kRefused && client.outcome != Outcome::kRetrying) continue;
    if (const auto due = attempts_.dueOf(client.id)) client.nextTry = onWallClock(*due);
  }
}

}  // namespace hydra_clients::reconcile

#include "reconcile/merge_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace hydra_clients::reconcile {
namespace {

using manifest::ManifestSetPtr;
using manifest::SourceError;

/// The manifests of both sides.
struct Both {
  ManifestSetPtr before;
  ManifestSetPtr now;
  ManifestChanges changes;
};

/// A warning that stood in the base already is no news, wherever its line is now.
void dropOldWarnings(const manifest::ManifestSet& before, std::vector<manifest::Fault>& warnings) {
  const auto known = [](const manifest::Fault& fault) {
    return std::tuple(fault.where.path.text(), fault.rule, fault.where.pointer, fault.message);
  };
  std::set<std::tuple<std::string, std::string, std::string, std::string>> old;
  for (const manifest::Fault& fault : before.warnings) old.insert(known(fault));
  std::erase_if(warnings, [&](const manifest::Fault& fault) { return old.contains(known(fault)); });
}

/// Whether a client is in Hydra, by what a plan found of it.
std::optional<bool> presenceOf(const CycleReport& cycle, const ClientId& id) {
  if (cycle.inSync.has(id)) return true;
  const auto found = std::ranges::lower_bound(cycle.clients, id, {}, &ClientReport::id);
  if (found == cycle.clients.end() || found->id != id) return std::nullopt;
  switch (found->outcome) {
    case Outcome::kInSync:
    case Outcome::kConflict:
      return true;
    case Outcome::kImport:
    case Outcome::kWaiting:
      return false;
    default:
      return std::nullopt;
  }
}

/// Makes a report of the cycle over `now` and the former manifests, which Hydra was asked for as well.
class MergeReportMaker {
 public:
  MergeReportMaker(Both both, const Reconciler& reconciler, MergeReport& report)
      : both_(std::move(both)), reconciler_(reconciler), report_(report) {}

  void make() {
    addFormer();
    dropFormer();
    report_.cycle.forEachClient([&](const ClientReport& client) { sort(client); });
    std::ranges::stable_sort(report_.clients, {}, [](const ChangedClient& changed) -> const ClientId& {
      return changed.client.id;
    });
    dropOldWarnings(*both_.before, report_.cycle.warnings);
    report_.cycle.result = resultOf(report_.cycle);
  }

 private:
  static bool leavesFormer(const ManifestChange& change) {
    return change.change == Change::kRemoved || change.change == Change::kRenamed;
  }

  /// Those that stay without a manifest.
  void addFormer() {
    for (const auto& [key, change] : both_.changes) {
      if (!leavesFormer(change)) continue;
      const std::optional<bool> present = presenceOf(report_.cycle, change.before->id);
      former_.emplace(change.before->id, present);
      if (change.change != Change::kRemoved) continue;
      ChangedClient removed;
      removed.change = Change::kRemoved;
      removed.client.id = change.before->id;
      removed.client.places = {change.before->from};
      removed.formerInHydra = present;
      report_.clients.push_back(std::move(removed));
    }
  }

  /// The cycle is to be that of the changed manifests alone.
  void dropFormer() {
    CycleReport& cycle = report_.cycle;
    InSync inSync(both_.now);
    for (std::size_t i = 0; i < both_.now->manifests.size(); ++i) {
      if (cycle.inSync.has(both_.now->manifests[i]->id)) inSync.add(i);
    }
    cycle.inSync = std::move(inSync);
    std::erase_if(cycle.clients, [&](const ClientReport& client) { return former_.contains(client.id); });
    if (!cycle.unmanaged) return;
    *cycle.unmanaged += static_cast<std::uint64_t>(
        std::ranges::count_if(former_, [](const auto& entry) { return entry.second == true; }));
  }

  void sort(const ClientReport& client) {
    const auto found = both_.changes.find(
        keyOf(client.id, client.places.empty() ? manifest::Location{} : client.places.front()));
    if (found != both_.changes.end()) {
      report_.clients.push_back(changedClient(client, found->second));
      return;
    }
    ++report_.unchanged;
    if (client.outcome != Outcome::kInSync) ++report_.unchangedNotInSync;
  }

  [[nodiscard]] ChangedClient changedClient(const ClientReport& client, const ManifestChange& change) const {
    ChangedClient changed;
    changed.change = change.change;
    changed.client = client;
    changed.fields = change.fields();
    if (change.change == Change::kRenamed) {
      changed.formerId = change.before->id;
      changed.formerInHydra = former_.at(changed.formerId);
    }
    const bool present = client.outcome == Outcome::kInSync || client.outcome == Outcome::kConflict;
    changed.secretNotApplied = present && change.givesAnotherSecret();
    if (changed.secretNotApplied) showSecret(*change.now, changed.client);
    return changed;
  }

  void showSecret(const manifest::Manifest& manifest, ClientReport& client) const {
    const std::string what =
        "the secret of its manifest changes and is not applied: Hydra keeps the one it has";
    if (client.outcome == Outcome::kConflict) {
      client.reason = what;
      return;
    }
    client.command = reconciler_.secretCommand(manifest);
    client.hint = what + (client.command.empty() ? "" : " until a person changes it, with this command");
  }

  const Both both_;
  const Reconciler& reconciler_;
  MergeReport& report_;
  std::map<ClientId, std::optional<bool>> former_;  ///< whether they are in Hydra
};

}  // namespace

MergeReport planMerge(Reconciler& reconciler, manifest::SetReader& reader, const FindBase& findBase,
                      const std::stop_token& stop) {
  MergeReport report;
  Both both;
  const auto rework = [&](const manifest::Reading& changed) -> tl::expected<ManifestSetPtr, SourceError> {
    auto base = findBase(changed.revision.id);
    if (!base) return tl::unexpected(std::move(base.error()));
    report.comparison = std::move(base->comparison);
    const auto before =
        reader.read(*base->manifests, [&](std::size_t, std::size_t) { return !stop.stop_requested(); });
    if (!before) return tl::unexpected(before.error());
    if (changed.set->files == 0 && before->set->files == 0) {
      return tl::unexpected(
          SourceError{SourceError::Kind::kEmpty,
                      "there are no manifests before the change and none after it: is it the right folder?"});
    }
    both = {before->set, changed.set, changesOfManifests(before->set, changed.set)};
    return withFormer(changed.set, both.changes);
  };
  report.cycle = reconciler.plan(stop, rework);
  if (report.cycle.clientsKnown) MergeReportMaker(std::move(both), reconciler, report).make();
  return report;
}

}  // namespace hydra_clients::reconcile

#include "reconcile/plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hydra_clients::reconcile {
namespace {

std::vector<manifest::Fault> errorsOf(const std::vector<manifest::Fault>& faults) {
  std::vector<manifest::Fault> errors;
  std::ranges::copy_if(faults, std::back_inserter(errors), [](const manifest::Fault& fault) {
    return fault.severity == manifest::Severity::kError;
  });
  return errors;
}

/// Where and what, one after the other.
std::string inWords(const std::vector<manifest::Fault>& faults) {
  std::string text;
  for (const manifest::Fault& fault : faults) {
    if (!text.empty()) text += "; ";
    text += manifest::formatPlace(fault.where) + ": " + manifest::formatMessage(fault);
  }
  return text;
}

}  // namespace

std::vector<manifest::ManifestPtr> Plan::missing() const {
  std::vector<manifest::ManifestPtr> manifests;
  for (const PlannedClient& client : clients) {
    if (client.outcome == Outcome::kImport) manifests.push_back(client.manifest);
  }
  return manifests;
}

std::vector<PlannedClient> faultyOf(const manifest::ManifestSet& set) {
  std::vector<PlannedClient> faulty;
  for (const manifest::DuplicateId& duplicate : set.duplicates) {
    PlannedClient client;
    client.id = duplicate.id;
    client.outcome = Outcome::kDuplicate;
    client.places = duplicate.places;
    client.reason = "its client_id stands in " + std::to_string(duplicate.places.size()) + " places";
    client.faults = errorsOf(duplicate.faults);
    faulty.push_back(std::move(client));
  }
  for (const manifest::InvalidManifest& invalid : set.invalid) {
    PlannedClient client;
    client.id = invalid.id.value_or("");
    client.outcome = Outcome::kInvalid;
    client.places = {invalid.from};
    client.faults = errorsOf(invalid.faults);
    client.reason = inWords(client.faults);
    faulty.push_back(std::move(client));
  }
  std::ranges::stable_sort(faulty, {}, &PlannedClient::id);
  return faulty;
}

Planner::Planner(manifest::ManifestSetPtr set, HydraVersion version, Compared& compared)
    : set_(std::move(set)), version_(version), compared_(compared), seen_(set_->manifests.size()) {
  compared_.update(set_, version_);
  for (const manifest::DuplicateId& duplicate : set_->duplicates) faultyIds_.emplace(duplicate.id, false);
  for (const manifest::InvalidManifest& invalid : set_->invalid) {
    if (invalid.id) faultyIds_.emplace(*invalid.id, false);
  }
}

std::optional<std::size_t> Planner::placeOf(std::string_view id) {
  const auto& manifests = set_->manifests;
  if (next_ >= manifests.size() || manifests[next_]->id != id) {
    const auto found = std::ranges::lower_bound(manifests, id, {}, &manifest::Manifest::id);
    if (found == manifests.end() || (*found)->id != id) return std::nullopt;
    next_ = static_cast<std::size_t>(found - manifests.begin());
  }
  return next_++;
}

void Planner::visit(const hydra::LiveClient& live) {
  const auto place = placeOf(live.id());
  if (!place) {
    const auto faulty = faultyIds_.find(live.id());
    if (faulty != faultyIds_.end()) faulty->second = true;
    return;
  }
  Seen& seen = seen_[*place];
  seen = {.present = true, .differences = {}, .unread = {}};
  const Fingerprint fingerprint = fingerprintOf(live.raw());
  if (compared_.isKnownInSync(*place, fingerprint)) return;
  const auto value = live.value();
  if (!value) {
    seen.unread = value.error();
    return;
  }
  const manifest::Manifest& manifest = *set_->manifests[*place];
  seen.differences = differencesIn(manifest.differingFrom(*value, version_), manifest, *value);
  if (seen.differences.empty()) compared_.foundInSync(*place, fingerprint);
}

void Planner::recall(const ClientId& id, const std::vector<Difference>& differences) {
  if (const auto place = placeOf(id)) seen_[*place] = {true, differences, {}};
}

void Planner::unread(const ClientId& id, std::string reason) {
  const auto place = placeOf(id);
  if (place && !seen_[*place].present) seen_[*place].unread = std::move(reason);
}

Plan Planner::finish(const HoldBack& holdBack, std::optional<std::uint64_t> liveClients) && {
  Plan plan;
  plan.inSync = InSync(set_);
  for (std::size_t i = 0; i < set_->manifests.size(); ++i) {
    if (isPlainlyInSync(i)) {
      plan.inSync.add(i);
    } else {
      plan.clients.push_back(planOne(i, holdBack));
    }
  }
  std::ranges::move(faultyOf(*set_), std::back_inserter(plan.clients));
  std::ranges::stable_sort(plan.clients, {}, &PlannedClient::id);
  if (liveClients) {
    const auto declared = static_cast<std::uint64_t>(
        std::ranges::count(seen_, true, &Seen::present) +
        std::ranges::count_if(faultyIds_, [](const auto& faulty) { return faulty.second; }));
    plan.unmanaged = *liveClients - std::min(declared, *liveClients);
  }
  return plan;
}

bool Planner::isPlainlyInSync(std::size_t place) const {
  const Seen& seen = seen_[place];
  return seen.present && seen.unread.empty() && seen.differences.empty() && !compared_.leavesOut(place);
}

PlannedClient Planner::planOne(std::size_t index, const HoldBack& holdBack) const {
  const manifest::ManifestPtr& manifest = set_->manifests[index];
  PlannedClient client;
  client.id = manifest->id;
  client.manifest = manifest;
  client.places = {manifest->from};
  client.unknown = manifest->declared.unknownTo(version_);
  const Seen& seen = seen_[index];
  if (!seen.unread.empty()) {
    client.outcome = Outcome::kRetrying;
    client.reason = seen.unread;
    return client;
  }
  if (seen.present) {
    client.outcome = seen.differences.empty() ? Outcome::kInSync : Outcome::kConflict;
    client.differences = seen.differences;
    return client;
  }
  client.outcome = Outcome::kImport;
  if (auto held = holdBack(*manifest)) {
    client.outcome = held->outcome;
    client.reason = std::move(held->reason);
  }
  return client;
}

}  // namespace hydra_clients::reconcile

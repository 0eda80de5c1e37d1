#include "reconcile/manifest_changes.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include "client/json.h"
#include "manifest/set_changes.h"

namespace hydra_clients::reconcile {
namespace {

using manifest::Manifest;
using manifest::ManifestPtr;
using manifest::ManifestSet;
using manifest::ManifestSetPtr;

/// The entries of a set that are no valid manifests, and what is wrong with each: the same texts where it is
/// wrong in the same way, wherever its lines are now.
using Faulty = std::unordered_map<std::string, std::vector<std::string>>;

Faulty faultyOf(const ManifestSet& set) {
  Faulty faulty;
  for (const manifest::InvalidManifest& invalid : set.invalid) {
    std::vector<std::string>& texts = faulty[keyOf(invalid.id.value_or(""), invalid.from)];
    for (const manifest::Fault& fault : invalid.faults)
      texts.insert(texts.end(), {fault.rule, fault.where.pointer, fault.message});
  }
  for (const manifest::DuplicateId& duplicate : set.duplicates) {
    std::vector<std::string>& texts = faulty[keyOf(duplicate.id, {})];
    for (const manifest::Location& place : duplicate.places)
      texts.insert(texts.end(), {place.path.text(), place.pointer});
  }
  return faulty;
}

/// Files of which nothing could be read, so that nobody knows which clients stand in them.
std::unordered_set<std::string_view> unreadableFiles(const ManifestSet& set) {
  std::unordered_set<std::string_view> paths;
  for (const manifest::InvalidManifest& invalid : set.invalid) {
    if (!invalid.id) paths.insert(invalid.from.path);
  }
  return paths;
}

ManifestPtr find(const ManifestSet& set, const ClientId& id) {
  const auto found = std::ranges::lower_bound(set.manifests, id, {}, &Manifest::id);
  return found != set.manifests.end() && (*found)->id == id ? *found : nullptr;
}

/// Collects the changes of one merge.
class Merge {
 public:
  Merge(const ManifestSetPtr& before, const ManifestSetPtr& now)
      : before_(*before), now_(*now), faultyBefore_(faultyOf(*before)), faultyNow_(faultyOf(*now)) {
    for (const ManifestPtr& manifest : before->manifests) pathsBefore_.insert(manifest->from.path.text());
  }

  ManifestChanges changes() && {
    addValid();
    addFaulty();
    return std::move(changes_);
  }

 private:
  void add(const Manifest& named, ManifestChange change) {
    changes_.emplace(keyOf(named.id, named.from), std::move(change));
  }

  void addValid() {
    const manifest::SetChanges changes = manifest::changesBetween(before_, now_);
    const auto unreadBefore = unreadableFiles(before_);
    for (const Manifest* const added : changes.added) {
      const bool wasFaulty = faultyBefore_.contains(keyOf(added->id, added->from)) ||
                             unreadBefore.contains(added->from.path.text());
      add(*added, {wasFaulty ? Change::kRepaired : Change::kAdded, nullptr, find(now_, added->id)});
    }
    for (const auto& changed : changes.changed)
      add(*changed.now, {Change::kChanged, find(before_, changed.now->id), find(now_, changed.now->id)});
    for (const auto& renamed : changes.renamed)
      add(*renamed.now, {Change::kRenamed, find(before_, renamed.before->id), find(now_, renamed.now->id)});
    for (const Manifest* const gone : changes.gone)
      add(*gone, {Change::kRemoved, find(before_, gone->id), nullptr});
  }

  void addFaulty() {
    for (const manifest::InvalidManifest& invalid : now_.invalid)
      addFaulty(invalid.id.value_or(""), invalid.from);
    for (const manifest::DuplicateId& duplicate : now_.duplicates) addFaulty(duplicate.id, {});
  }

  void addFaulty(const ClientId& id, const manifest::Location& place) {
    const std::string key = keyOf(id, place);
    const auto was = faultyBefore_.find(key);
    if (was != faultyBefore_.end() && was->second == faultyNow_.at(key)) return;
    ManifestPtr before = find(before_, id);
    const bool stoodThere = id.empty() && pathsBefore_.contains(place.path.text());
    const bool known = before != nullptr || was != faultyBefore_.end() || stoodThere;
    changes_.emplace(key,
                     ManifestChange{known ? Change::kChanged : Change::kAdded, std::move(before), nullptr});
  }

  const ManifestSet& before_;
  const ManifestSet& now_;
  const Faulty faultyBefore_;
  const Faulty faultyNow_;
  std::unordered_set<std::string_view> pathsBefore_;  ///< of valid manifests
  ManifestChanges changes_;
};

}  // namespace

std::string_view nameOf(Change change) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"added", "changed", "renamed", "repaired", "removed"});
  return kNames[static_cast<std::size_t>(change)];
}

std::vector<std::string> ManifestChange::fields() const {
  if (!before || !now) return {};
  std::vector<std::string> names;
  const json::Value old = json::parse(before->fields).value();
  const json::Value current = json::parse(now->fields).value();
  for (const json::Member& member : current.members) {
    const json::Value* const value = old.find(member.name);
    if (value == nullptr || json::canonical(*value) != json::canonical(member.value))
      names.push_back(member.name);
  }
  for (const json::Member& member : old.members) {
    if (current.find(member.name) == nullptr) names.push_back(member.name);
  }
  std::ranges::sort(names);
  return names;
}

bool ManifestChange::givesAnotherSecret() const {
  if (!before || !now || sameSource(before->secret, now->secret)) return false;
  return std::holds_alternative<StatedSecret>(now->secret) ||
         std::holds_alternative<SecretReference>(now->secret);
}

std::string keyOf(const ClientId& id, const manifest::Location& place) {
  return id.empty() ? "place " + place.path.text() + "\n" + place.pointer : "id " + id;
}

ManifestChanges changesOfManifests(const ManifestSetPtr& before, const ManifestSetPtr& now) {
  return Merge(before, now).changes();
}

ManifestSetPtr withFormer(const ManifestSetPtr& now, const ManifestChanges& changes) {
  std::vector<ManifestPtr> former;
  for (const auto& [key, change] : changes) {
    if (change.change == Change::kRemoved || change.change == Change::kRenamed)
      former.push_back(change.before);
  }
  if (former.empty()) return now;
  auto all = std::make_shared<ManifestSet>(*now);
  std::ranges::move(former, std::back_inserter(all->manifests));
  std::ranges::sort(all->manifests, {}, &Manifest::id);
  return all;
}

}  // namespace hydra_clients::reconcile

#include "manifest/manifest_set.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "client/json.h"
#include "manifest/set_reader.h"
#include "manifest/similar_ids.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kMostPlacesNamed = 3;  // in the message of a duplicate

std::string nameOf(const Location& place) {
  return place.path + ":" + std::to_string(place.line) + ':' + std::to_string(place.column);
}

Fault duplicateFault(const DuplicateId& duplicate, std::size_t which) {
  std::string others;
  std::size_t named = 0;
  for (std::size_t i = 0; i < duplicate.places.size() && named < kMostPlacesNamed; ++i) {
    if (i == which) continue;
    others += (named++ == 0 ? "it is also at " : ", ") + nameOf(duplicate.places[i]);
  }
  if (duplicate.places.size() - 1 > named) {
    others += " and in " + std::to_string(duplicate.places.size() - 1 - named) + " more places";
  }
  return makeFault("duplicate-client-id", duplicate.places[which],
                   "the client_id " + json::quote(duplicate.id) + " stands in " +
                       std::to_string(duplicate.places.size()) + " manifests, so none of them is imported",
                   std::move(others));
}

}  // namespace

Location placeOfId(const Location& from, std::size_t idLine, std::size_t idColumn) {
  if (idLine == 0) return from;
  return {from.path, idLine, idColumn, from.pointer + "/client_id"};
}

void SetBuilder::add(const CheckedElement& element) {
  Entry entry;
  if (const auto* const valid = std::get_if<ManifestPtr>(&element.outcome)) entry.valid = *valid;
  if (const auto* const invalid = std::get_if<InvalidPtr>(&element.outcome)) entry.invalid = *invalid;
  entries_.push_back(std::move(entry));
  warnings_.insert(warnings_.end(), element.warnings.begin(), element.warnings.end());
}

void SetBuilder::add(const DuplicateId& duplicate) { duplicates_.push_back(duplicate); }

void SetBuilder::add(Fault ofFile) {
  const auto severity = severities_.of(ofFile.rule, ofFile.severity);
  if (!severity) return;
  ofFile.severity = *severity;
  if (ofFile.severity == Severity::kWarning) {
    warnings_.push_back(std::move(ofFile));
    return;
  }
  Entry entry;
  Location from = ofFile.where;
  entry.invalid = std::make_shared<const InvalidManifest>(
      InvalidManifest{std::nullopt, std::move(from), 0, 0, {std::move(ofFile)}});
  entries_.push_back(std::move(entry));
}

const ClientId* SetBuilder::idOf(const Entry& entry) {
  if (entry.valid) return entry.valid->id.empty() ? nullptr : &entry.valid->id;
  return entry.invalid->id ? &*entry.invalid->id : nullptr;
}

std::vector<SetBuilder::Named> SetBuilder::named() const {
  std::vector<Named> byId;
  byId.reserve(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (const ClientId* const id = idOf(entries_[i])) byId.push_back({*id, i});
  }
  // Most often files are named after the client that they hold.
  if (!std::ranges::is_sorted(byId, {}, &Named::id)) std::ranges::stable_sort(byId, {}, &Named::id);
  return byId;
}

std::vector<DuplicateId> SetBuilder::takeDuplicates(const std::vector<Named>& byId) {
  std::map<ClientId, DuplicateId, std::less<>> repeated;
  for (DuplicateId& duplicate : duplicates_) {
    DuplicateId& into = repeated[duplicate.id];
    into.places.insert(into.places.end(), duplicate.places.begin(), duplicate.places.end());
    into.faults.insert(into.faults.end(), duplicate.faults.begin(), duplicate.faults.end());
  }
  for (auto first = byId.begin(); first != byId.end();) {
    const auto next =
        std::find_if(first + 1, byId.end(), [&](const Named& one) { return one.id != first->id; });
    if (next - first > 1 || (!repeated.empty() && repeated.contains(first->id))) {
      DuplicateId& into = repeated[ClientId(first->id)];
      for (const Named& one : std::ranges::subrange(first, next)) addTo(into, entries_[one.entry]);
    }
    first = next;
  }
  std::vector<DuplicateId> duplicates;
  for (auto& [id, duplicate] : repeated) {
    duplicate.id = id;
    std::ranges::sort(duplicate.places);
    sortByPlace(duplicate.faults);
    duplicates.push_back(std::move(duplicate));
  }
  return duplicates;
}

void SetBuilder::addTo(DuplicateId& duplicate, Entry& entry) {
  const Entry taken = std::exchange(entry, {});
  if (taken.valid) {
    duplicate.places.push_back(placeOfId(taken.valid->from, taken.valid->idLine, taken.valid->idColumn));
  } else {
    const InvalidManifest& invalid = *taken.invalid;
    duplicate.places.push_back(placeOfId(invalid.from, invalid.idLine, invalid.idColumn));
    duplicate.faults.insert(duplicate.faults.end(), invalid.faults.begin(), invalid.faults.end());
  }
}

ManifestSet SetBuilder::build(bool keepOrder) && {
  const std::vector<Named> byId = named();
  ManifestSet set;
  set.duplicates = takeDuplicates(byId);
  set.manifests.reserve(entries_.size());
  if (!keepOrder) {
    for (const Named& one : byId) {
      if (entries_[one.entry].valid) set.manifests.push_back(std::move(entries_[one.entry].valid));
    }
  }
  for (Entry& entry : entries_) {
    if (entry.valid) set.manifests.push_back(std::move(entry.valid));
    if (entry.invalid) set.invalid.push_back(*entry.invalid);
  }
  set.warnings = std::move(warnings_);
  judgeSimilarIds(set, severities_);
  std::ranges::stable_sort(set.invalid, {}, &InvalidManifest::from);
  sortByPlace(set.warnings);
  return set;
}

std::vector<Fault> ManifestSet::allFaults() const {
  std::vector<Fault> all = warnings;
  for (const InvalidManifest& one : invalid) all.insert(all.end(), one.faults.begin(), one.faults.end());
  for (const DuplicateId& duplicate : duplicates) {
    for (std::size_t i = 0; i < duplicate.places.size(); ++i) all.push_back(duplicateFault(duplicate, i));
    all.insert(all.end(), duplicate.faults.begin(), duplicate.faults.end());
  }
  sortByPlace(all);
  // A file whose syntax is broken is one fault, however many clients of it cannot be imported for it.
  const auto same = [](const Fault& a, const Fault& b) {
    return std::tie(a.where, a.rule, a.message, a.hint) == std::tie(b.where, b.rule, b.message, b.hint);
  };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

ManifestSet joinSets(std::vector<ManifestSet> parts, const RuleSeverities& severities) {
  SetBuilder builder(severities);
  ManifestSet joined;
  std::size_t files = 0;
  std::vector<Fault> warnings;
  for (ManifestSet& part : parts) {
    files += part.files;
    for (const ManifestPtr& one : part.manifests) builder.add({one, {}});
    for (InvalidManifest& one : part.invalid) {
      builder.add({std::make_shared<const InvalidManifest>(std::move(one)), {}});
    }
    for (const DuplicateId& one : part.duplicates) builder.add(one);
    std::ranges::copy_if(part.warnings, std::back_inserter(warnings),
                         [](const Fault& fault) { return fault.rule != kSimilarIdsRule; });  // judged anew
  }
  joined = std::move(builder).build(/*keepOrder=*/true);
  joined.files = files;
  joined.warnings.insert(joined.warnings.end(), warnings.begin(), warnings.end());
  sortByPlace(joined.warnings);
  return joined;
}

}  // namespace hydra_clients::manifest

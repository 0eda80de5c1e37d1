#include "manifest/manifest_set.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
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

ManifestSet SetBuilder::build(bool keepOrder) && {
  std::unordered_map<std::string_view, std::size_t> counts;
  counts.reserve(entries_.size());
  for (const DuplicateId& duplicate : duplicates_) counts[duplicate.id] += 2;
  for (const Entry& entry : entries_) {
    if (const ClientId* const id = idOf(entry)) ++counts[*id];
  }

  ManifestSet set;
  set.manifests.reserve(entries_.size());
  std::map<std::string_view, DuplicateId> repeated;
  for (DuplicateId& duplicate : duplicates_) {
    DuplicateId& into = repeated[duplicate.id];
    into.places.insert(into.places.end(), duplicate.places.begin(), duplicate.places.end());
    into.faults.insert(into.faults.end(), duplicate.faults.begin(), duplicate.faults.end());
  }
  for (const Entry& entry : entries_) {
    const ClientId* const id = idOf(entry);
    if (id != nullptr && counts[*id] > 1) {
      DuplicateId& into = repeated[*id];
      if (entry.valid) {
        into.places.push_back(placeOfId(entry.valid->from, entry.valid->idLine, entry.valid->idColumn));
      } else {
        into.places.push_back(placeOfId(entry.invalid->from, entry.invalid->idLine, entry.invalid->idColumn));
        into.faults.insert(into.faults.end(), entry.invalid->faults.begin(), entry.invalid->faults.end());
      }
    } else if (entry.valid) {
      set.manifests.push_back(entry.valid);
    } else {
      set.invalid.push_back(*entry.invalid);
    }
  }
  for (auto& [id, duplicate] : repeated) {
    duplicate.id = id;
    std::ranges::sort(duplicate.places);
    sortByPlace(duplicate.faults);
  }
  for (auto& [id, duplicate] : repeated) set.duplicates.push_back(std::move(duplicate));
  if (!keepOrder)
    std::ranges::stable_sort(set.manifests, {},
                             [](const ManifestPtr& one) -> const ClientId& { return one->id; });
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

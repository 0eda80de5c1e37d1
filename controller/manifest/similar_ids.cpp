#include "manifest/similar_ids.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "client/ascii.h"
#include "client/json.h"
#include "manifest/element_check.h"
#include "manifest/manifest_set.h"

namespace hydra_clients::manifest {
namespace {

/// The ids of a set, valid or not, by what they are in lower case.
class IdsByCase {
 public:
  explicit IdsByCase(const ManifestSet& set) {
    for (const ManifestPtr& one : set.manifests) add(one->id);
    for (const InvalidManifest& one : set.invalid) {
      if (one.id) add(*one.id);
    }
  }
  /// Another id that differs from this one only in case; nullptr where there is none.
  [[nodiscard]] const ClientId* similarTo(const ClientId& id) const {
    const auto found = ids_.find(lowerCase(id));
    if (found == ids_.end()) return nullptr;
    const auto other =
        std::ranges::find_if(found->second, [&](const ClientId* candidate) { return *candidate != id; });
    return other == found->second.end() ? nullptr : *other;
  }

 private:
  void add(const ClientId& id) { ids_[lowerCase(id)].push_back(&id); }

  std::unordered_map<std::string, std::vector<const ClientId*>> ids_;
};

bool anyHasCapitals(const ManifestSet& set) {
  const auto has = [](const ClientId& id) {
    return std::ranges::any_of(id, [](char c) { return lowerCase(c) != c; });
  };
  return std::ranges::any_of(set.manifests, [&](const ManifestPtr& one) { return has(one->id); }) ||
         std::ranges::any_of(set.invalid, [&](const InvalidManifest& one) { return one.id && has(*one.id); });
}

Fault faultOf(const Manifest& manifest, const ClientId& other, Severity severity) {
  Fault fault =
      makeFault(std::string(kSimilarIdsRule), placeOfId(manifest.from, manifest.idLine, manifest.idColumn),
                "differs from the client_id " + json::quote(other) +
                    " only in case: they are two clients, and one for a database that ignores case",
                "give the two names of their own");
  fault.severity = severity;
  return fault;
}

}  // namespace

void judgeSimilarIds(ManifestSet& set, const RuleSeverities& severities) {
  const auto severity = severities.of(kSimilarIdsRule, Severity::kWarning);
  if (!severity || !anyHasCapitals(set)) return;
  const IdsByCase ids(set);
  std::vector<ManifestPtr> kept;
  std::vector<InvalidManifest> refused;
  for (const ManifestPtr& one : set.manifests) {
    const ClientId* const other = ids.similarTo(one->id);
    const bool isRefused = other != nullptr && *severity == Severity::kError;
    if (!isRefused) kept.push_back(one);
    if (other == nullptr) continue;
    Fault fault = faultOf(*one, *other, *severity);
    if (isRefused) {
      refused.push_back({one->id, one->from, one->idLine, one->idColumn, {std::move(fault)}});
    } else {
      set.warnings.push_back(std::move(fault));
    }
  }
  set.manifests = std::move(kept);
  std::ranges::move(refused, std::back_inserter(set.invalid));
}

}  // namespace hydra_clients::manifest

#include "manifest/set_changes.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_set>

namespace hydra_clients::manifest {
namespace {

/// The two sets side by side by id, both sorted.
template <typename Both, typename OnlyBefore, typename OnlyNow>
void walk(const ManifestSet& before, const ManifestSet& now, Both both, OnlyBefore onlyBefore,
          OnlyNow onlyNow) {
  auto next = now.manifests.begin();
  for (const ManifestPtr& old : before.manifests) {
    for (; next != now.manifests.end() && (*next)->id < old->id; ++next) onlyNow(**next);
    if (next != now.manifests.end() && (*next)->id == old->id) {
      both(*old, **next++);
    } else {
      onlyBefore(*old);
    }
  }
  for (; next != now.manifests.end(); ++next) onlyNow(**next);
}

/// What of a set still stands in the source although it is no valid manifest: at fault, twice, or in a file
/// that cannot be read. It is told of as such, and did not go away.
class StillStanding {
 public:
  explicit StillStanding(const ManifestSet& set) {
    for (const InvalidManifest& invalid : set.invalid) {
      if (invalid.id) {
        ids_.insert(*invalid.id);
      } else {
        paths_.insert(invalid.from.path);
      }
    }
    for (const DuplicateId& duplicate : set.duplicates) ids_.insert(duplicate.id);
  }
  [[nodiscard]] bool has(const Manifest& manifest) const {
    return ids_.contains(manifest.id) || paths_.contains(manifest.from.path);
  }

 private:
  std::unordered_set<std::string_view> ids_;
  std::unordered_set<std::string_view> paths_;
};

/// New manifests by their file: a client that was renamed stands where the old one stood, with the same
/// fields.
class Added {
 public:
  explicit Added(const std::vector<const Manifest*>& added) {
    for (const Manifest* const manifest : added) byPath_.emplace(manifest->from.path, manifest);
  }
  /// The one that `old` has become, once; nullptr where there is none.
  const Manifest* takeRenamed(const Manifest& old) {
    const auto [begin, end] = byPath_.equal_range(old.from.path);
    const auto same =
        std::find_if(begin, end, [&](const auto& entry) { return entry.second->fields == old.fields; });
    if (same == end) return nullptr;
    const Manifest* const renamed = same->second;
    byPath_.erase(same);
    return renamed;
  }

 private:
  std::multimap<std::string_view, const Manifest*> byPath_;
};

}  // namespace

SetChanges changesBetween(const ManifestSet& before, const ManifestSet& now) {
  SetChanges changes;
  const StillStanding standing(now);
  std::vector<const Manifest*> missing;
  walk(
      before, now,
      [&](const Manifest& old, const Manifest& manifest) {
        if (&old == &manifest) return;
        if (old.fields == manifest.fields && sameSource(old.secret, manifest.secret)) return;
        changes.changed.push_back({&old, &manifest});
      },
      [&](const Manifest& old) {
        if (!standing.has(old)) missing.push_back(&old);
      },
      [&](const Manifest& manifest) { changes.added.push_back(&manifest); });

  Added added(changes.added);
  for (const Manifest* const old : missing) {
    if (const Manifest* const renamed = added.takeRenamed(*old)) {
      changes.renamed.push_back({old, renamed});
      std::erase(changes.added, renamed);
    } else {
      changes.gone.push_back(old);
    }
  }
  return changes;
}

}  // namespace hydra_clients::manifest

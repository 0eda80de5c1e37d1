#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "client/client_id.h"
#include "manifest/manifest.h"

namespace hydra_clients::reconcile {

/// The declared clients that are in sync and need no more words: most of them, most of the time. A bit for
/// each; what else there is to know of them stands in the set that it shares.
class InSync {
 public:
  InSync() = default;
  /// `set`: its manifests sorted by id.
  explicit InSync(manifest::ManifestSetPtr set) : set_(std::move(set)), has_(set_->manifests.size(), false) {}

  /// By place in the set's manifests; once each.
  void add(std::size_t place) {
    has_[place] = true;
    ++count_;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// The manifest of a client that is in it; null where it is not.
  [[nodiscard]] manifest::ManifestPtr find(const ClientId& id) const;
  [[nodiscard]] bool has(const ClientId& id) const { return find(id) != nullptr; }

  /// Calls `visit` with each manifest, in the order of their ids.
  template <typename Visit>
  void forEach(Visit&& visit) const {
    for (std::size_t i = 0; i < has_.size(); ++i) {
      if (has_[i]) visit(set_->manifests[i]);
    }
  }

 private:
  manifest::ManifestSetPtr set_;
  std::vector<bool> has_;  ///< by place in the set's manifests
  std::uint64_t count_ = 0;
};

}  // namespace hydra_clients::reconcile

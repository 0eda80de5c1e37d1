#pragma once

// Whom a cycle asks Hydra for.

#include <unordered_map>
#include <vector>

#include "client/client_id.h"
#include "hydra/dialect.h"
#include "hydra/live_state.h"
#include "manifest/manifest.h"
#include "reconcile/difference.h"
#include "reconcile/plan.h"

namespace hydra_clients::reconcile {

/// The declared clients: those that this Hydra can be asked for by id, and those of ids that only its list
/// shows ("/" before v25). The latter are confirmed by a list once, and remembered, so that a few of them do
/// not make every cycle read millions of clients. Kept from cycle to cycle; used by one thread.
class WantedClients {
 public:
  /// Costs nothing where set and Hydra are as before. Another Hydra: all that was remembered is forgotten.
  void update(const manifest::ManifestSetPtr& set, const hydra::Dialect& dialect);

  [[nodiscard]] hydra::Wanted wanted() const { return {addressable_, !unconfirmed_.empty()}; }
  /// Those that only a list shows.
  [[nodiscard]] std::vector<ClientId> listedOnly() const;
  /// Tells the plan of those that an earlier list showed.
  void recallInto(Planner& planner) const;

  /// A client is in Hydra, differing in these fields. Of those that Hydra can be asked for by id nothing is
  /// kept.
  void confirm(const ClientId& id, const std::vector<Difference>& differences);
  /// A list did not show it.
  void missed(const ClientId& id);
  /// Hydra may have lost its clients.
  void forget();

 private:
  void sortOut();

  manifest::ManifestSetPtr set_;
  hydra::Dialect dialect_;
  std::vector<const ClientId*> addressable_;  ///< into set_
  std::unordered_map<ClientId, manifest::ManifestPtr> unconfirmed_;
  struct Confirmed {
    manifest::ManifestPtr manifest;
    std::vector<Difference> differences;
  };
  std::unordered_map<ClientId, Confirmed> confirmed_;
};

}  // namespace hydra_clients::reconcile

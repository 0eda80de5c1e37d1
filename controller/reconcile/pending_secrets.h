#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

#include "client/client_id.h"
#include "hydra/admin_api.h"
#include "reconcile/plan.h"
#include "reconcile/report.h"
#include "reconcile/secret_keeper.h"

namespace hydra_clients::reconcile {

/// Finds out what became of the outbox's pending entries: those that a killed process left, and those whose
/// confirmation failed. Only presence resolves one (design §6): a client that is absent may still come, from
/// a POST that Hydra has not carried out yet, so its entries stay. Used by one thread.
class PendingSecrets {
 public:
  /// Asks Hydra for each client with a pending entry that `plan` does not call missing, at most
  /// kMostACycle of them, in turn, and until kMostFailures in a row could not be had: one may take the whole
  /// time-out of a request, and the imports wait behind them. What was found, or a failure, goes into the
  /// report. `beat` is called before each.
  void resolve(SecretKeeper& keeper, hydra::AdminApi& api, const Plan& plan, const std::stop_token& stop,
               const std::function<void()>& beat, CycleReport& report);

  static constexpr std::size_t kMostACycle = 1'000;
  static constexpr std::size_t kMostFailures = 3;

 private:
  ClientId last_;  ///< the one that was asked for last: the next cycle goes on behind it
};

}  // namespace hydra_clients::reconcile

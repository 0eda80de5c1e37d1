#include "reconcile/pending_secrets.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "client/post_body.h"

namespace hydra_clients::reconcile {
namespace {

/// Those that may be there, sorted, beginning behind `last`.
std::vector<ClientId> toAskFor(std::vector<ClientId> pending, const Plan& plan, const ClientId& last) {
  std::unordered_set<std::string_view> missing;
  for (const PlannedClient& client : plan.clients) {
    if (client.outcome == Outcome::kImport) missing.insert(client.id);
  }
  std::erase_if(pending, [&](const ClientId& id) { return missing.contains(id); });
  std::ranges::sort(pending);
  const auto behind = std::ranges::upper_bound(pending, last);
  std::rotate(pending.begin(), behind, pending.end());
  return pending;
}

}  // namespace

void PendingSecrets::resolve(SecretKeeper& keeper, hydra::AdminApi& api, const Plan& plan,
                             const std::stop_token& stop, const std::function<void()>& beat,
                             CycleReport& report) {
  const std::vector<ClientId> ids = toAskFor(keeper.pendingIds(), plan, last_);
  const std::size_t most = std::min(ids.size(), kMostACycle);
  std::size_t failures = 0;  // in a row
  for (std::size_t i = 0; i < most && failures < kMostFailures && !stop.stop_requested(); ++i) {
    beat();
    last_ = ids[i];
    const auto live = api.lookUp(ids[i]);
    if (!live && live.error().concernsEverybody()) return;  // the next cycle will say so
    failures = live ? 0 : failures + 1;
    if (!live || !*live) continue;
    const auto value = (*live)->value();
    if (!value) continue;
    auto confirmed = keeper.exists(ids[i], stampOf(*value));
    if (!confirmed) {
      report.outboxError = std::move(confirmed.error());
    } else if (*confirmed) {
      report.secrets.push_back({ids[i], std::move(**confirmed)});
    }
  }
}

}  // namespace hydra_clients::reconcile

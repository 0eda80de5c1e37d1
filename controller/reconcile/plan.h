#pragma once

// The plan: one outcome per client, from a manifest set and the live clients. Pure: no I/O, no clock, no log.
//
//   manifest                     | in Hydra                 | outcome
//   -----------------------------+--------------------------+---------------------------------------------
//   same client_id twice         | any                      | duplicate   none of them is sent
//   invalid                      | any                      | invalid     not sent
//   valid                        | declared fields equal    | in_sync     no write
//   valid                        | a declared field differs | conflict    never written; the fields are named
//   valid, its secret is missing | absent                   | waiting     not sent
//   valid, Hydra said no lately  | absent                   | refused     not sent before its time
//   valid, failed for the moment | absent                   | retrying    not sent before its time
//   valid                        | Hydra does not say       | retrying    not sent
//   valid                        | not to be read           | retrying    not sent
//   valid                        | absent                   | import      POST
//   none                         | present                  | unmanaged   counted, never touched

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "client/client_id.h"
#include "client/hydra_version.h"
#include "hydra/live_client.h"
#include "manifest/manifest.h"
#include "reconcile/compared.h"
#include "reconcile/difference.h"
#include "reconcile/in_sync.h"
#include "reconcile/outcome.h"

namespace hydra_clients::reconcile {

/// One client's line of the plan.
struct PlannedClient {
  ClientId id;  ///< "" where an invalid manifest has none that could be read
  Outcome outcome = Outcome::kInSync;
  manifest::ManifestPtr manifest;          ///< null for duplicate and invalid
  std::vector<manifest::Location> places;  ///< where it is declared
  std::vector<Difference> differences;    ///< conflict: the declared fields that differ, in the table's order
  std::vector<std::string_view> unknown;  ///< declared fields that this Hydra does not know: a warning
  std::vector<manifest::Fault> faults;    ///< invalid, duplicate: the errors of the manifests
  std::string reason;                     ///< why it is not in sync, in words; "" for a conflict
};

struct Plan {
  InSync inSync;                           ///< those of which there is no more to say
  std::vector<PlannedClient> clients;      ///< all others, sorted by id, then place
  std::optional<std::uint64_t> unmanaged;  ///< nullopt: unknown

  /// The manifests to import, in the order of their ids.
  [[nodiscard]] std::vector<manifest::ManifestPtr> missing() const;
};

/// Why an absent client is not to be sent now: its secret (waiting), or an earlier answer (refused,
/// retrying).
struct HeldBack {
  Outcome outcome = Outcome::kWaiting;
  std::string reason;
};
/// Asked once for each absent client with a valid manifest; nullopt: send it.
using HoldBack = std::function<std::optional<HeldBack>(const manifest::Manifest&)>;

/// The clients that are invalid or duplicates, whatever Hydra holds; sorted by id.
[[nodiscard]] std::vector<PlannedClient> faultyOf(const manifest::ManifestSet& set);

/// Takes live clients one at a time, as they are read, and keeps none of them. Used by one thread.
///
///     Planner planner(set, version, compared);
///     planner.visit(live);  // for each
///     const Plan plan = std::move(planner).finish(holdBack, liveClients);
class Planner {
 public:
  /// `compared` outlives it: what earlier cycles compared, and what this one does.
  Planner(manifest::ManifestSetPtr set, HydraVersion version, Compared& compared);

  /// A live client. The same one may be seen twice (pages that overlap, a list that is read again). Only one
  /// that is declared, and not known to be in sync, is read; where it cannot be, it is unread().
  void visit(const hydra::LiveClient& live);
  /// A declared client that was compared in an earlier cycle, and came out as it did then.
  void recall(const ClientId& id, const std::vector<Difference>& differences);
  /// A declared client of which Hydra does not say whether it is there: it is not sent in this cycle. One
  /// that was visited is as it was then.
  void unread(const ClientId& id, std::string reason);

  /// `liveClients`: how many clients Hydra holds; nullopt where not all of them were asked for.
  [[nodiscard]] Plan finish(const HoldBack& holdBack, std::optional<std::uint64_t> liveClients) &&;

 private:
  struct Seen {
    bool present = false;
    std::vector<Difference> differences;
    std::string unread;  ///< why nobody knows whether it is present, or how
  };

  /// The declared client's place in set_->manifests. Costs least where ids come in their order, as Hydra
  /// lists them.
  std::optional<std::size_t> placeOf(std::string_view id);
  [[nodiscard]] bool isPlainlyInSync(std::size_t place) const;
  PlannedClient planOne(std::size_t index, const HoldBack& holdBack) const;

  manifest::ManifestSetPtr set_;
  HydraVersion version_;
  Compared& compared_;
  std::size_t next_ = 0;                                  ///< the place after the last one that was found
  std::unordered_map<std::string_view, bool> faultyIds_;  ///< declared, but invalid or duplicate → present
  std::vector<Seen> seen_;                                ///< by place in set_->manifests
};

}  // namespace hydra_clients::reconcile

#pragma once

// Everything of one seed: Hydra, the manifests, the replicas, the people around them, and what goes wrong
// when.

#include <memory>
#include <string>
#include <vector>

#include "history.h"
#include "hydra_model.h"
#include "replica.h"
#include "rules.h"
#include "scheduler.h"
#include "settings.h"

namespace simulate {

class World {
 public:
  /// `folder`: for the replicas' outboxes; empty, and this seed's alone.
  World(std::uint64_t seed, std::string folder);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// From begin to end.
  void run();
  [[nodiscard]] const History& history() const { return history_; }

  /// A wait of an hour is the longest that a fault can cause (reconcile/attempts.h).
  static constexpr std::chrono::hours kLongestSettling{3};

 private:
  void addReplica(int number);
  void planEdits();
  void planHandEdits();
  void planRestarts();
  void planKills();
  void planSourceFaults();
  [[nodiscard]] Moment sometime();
  void publish(Revision revision);
  void restartHydra();
  void endReplica(Replica& replica, int number, bool kill);
  [[nodiscard]] int diskError();

  Scheduler scheduler_;
  History history_;
  const Settings settings_;
  const std::string folder_;
  HydraModel hydra_;
  Rules rules_;
  Revision revision_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  bool ending_ = false;
};

}  // namespace simulate

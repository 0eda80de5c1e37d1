#pragma once

// `import` of one seed: once, without a loop, with clients whose ids Hydra gives where it insists on that.

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "history.h"
#include "hydra_model.h"
#include "reconcile/import_result.h"
#include "scheduler.h"
#include "settings.h"

namespace simulate {

class ImportWorld {
 public:
  explicit ImportWorld(std::uint64_t seed);

  /// From begin to end.
  void run();
  [[nodiscard]] const History& history() const { return history_; }

 private:
  /// What Hydra created of one manifest, which its client_name tells from the others.
  struct Created {
    std::string id;
    std::string secret;
  };

  void importAll();
  void check(std::size_t number, const hydra_clients::reconcile::ImportResult& result);
  [[nodiscard]] std::string manifest(std::size_t number) const;

  Scheduler scheduler_;
  History history_;
  const Settings settings_;
  HydraModel hydra_;
  const bool hasIds_;
  std::map<std::string, std::vector<Created>> created_;
  std::vector<hydra_clients::reconcile::ImportResult> results_;
  bool done_ = false;
};

}  // namespace simulate

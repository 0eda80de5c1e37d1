#pragma once

// The manifests as one replica sees them, and what can go wrong there.

#include <functional>

#include "declared.h"
#include "manifest/source.h"
#include "scheduler.h"
#include "settings.h"

namespace simulate {

class ModelSource final : public hydra_clients::manifest::ManifestSource {
 public:
  enum class State { kWhole, kUnreadable, kAbsent, kEmpty, kTorn };

  ModelSource(Scheduler& scheduler, bool atomic) : scheduler_(scheduler), atomic_(atomic) {}

  /// What stands there from now on.
  void show(Revision revision) { visible_ = std::move(revision); }
  void setState(State state) { state_ = state; }

  /// The revision that was last read whole: what the replica goes by. Null before the first.
  [[nodiscard]] const Revision& inForce() const { return inForce_; }
  /// Its process is another: it has read nothing yet.
  void forget() { inForce_ = nullptr; }

  tl::expected<std::unique_ptr<hydra_clients::manifest::Snapshot>, hydra_clients::manifest::SourceError>
  open() override;
  [[nodiscard]] std::string description() const override { return "simulated manifests"; }

 private:
  class Reading;
  Scheduler& scheduler_;
  const bool atomic_;
  State state_ = State::kWhole;
  Revision visible_;
  Revision inForce_;
};

}  // namespace simulate

#pragma once

// One controller as a process runs it: the real rooms, put together as `run` does (cli/run_command.cpp).

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "model_source.h"
#include "model_transport.h"
#include "reconcile/triggers.h"
#include "settings.h"

namespace simulate {

/// Told of each cycle that Hydra answered, at its end, with the time of its begin. What it gives back is told
/// of the document that /status then shows.
using StatusReader = std::function<void(const std::string& status)>;
using CycleObserver = std::function<StatusReader(Moment began)>;

class Replica {
 public:
  /// `outbox`: the folder of its generated secrets; "" where it makes none.
  Replica(ModelTransport::Sides sides, int number, std::string outbox, Eavesdropper eavesdropper,
          CycleObserver observer);

  /// Its process begins. Once it has ended it may begin again.
  void begin();
  /// As SIGTERM does it.
  void stop() { stop_.request_stop(); }
  /// As SIGKILL does it, as far as anybody can see: nothing that it does from now on has an effect.
  void kill();
  [[nodiscard]] bool runs() const { return runs_; }
  [[nodiscard]] bool isDead() const { return dead_; }
  [[nodiscard]] bool isStopping() const { return stop_.stop_requested(); }
  /// Somebody says "look now", where it runs.
  void lookNow(const std::string& reason);

  ModelSource& source() { return source_; }
  [[nodiscard]] const std::string& outbox() const { return outbox_; }
  /// Counts its processes.
  [[nodiscard]] int process() const { return process_; }

 private:
  void live();
  [[nodiscard]] hydra_clients::hydra::ConnectionOptions connection() const;

  ModelTransport::Sides sides_;
  const int number_;
  const std::string outbox_;
  const Eavesdropper eavesdropper_;
  const CycleObserver observer_;
  ModelSource source_;
  std::stop_source stop_;
  hydra_clients::reconcile::Triggers* triggers_ = nullptr;
  std::size_t visitors_ = 0;  ///< threads from outside that are at work in it
  bool runs_ = false;
  bool dead_ = false;
  int process_ = 0;
};

}  // namespace simulate

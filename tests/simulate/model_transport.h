#pragma once

// A replica's way to Hydra, with what can go wrong on it.

#include <functional>
#include <string>

#include "hydra/transport.h"
#include "hydra_model.h"
#include "settings.h"

namespace simulate {

/// What became of a request, as far as the world knows.
struct Ending {
  int status = 0;                ///< that the replica was told; 0: it was told of no answer
  bool mayHaveHappened = false;  ///< nobody told it that the request was, or was not, carried out
};

/// Told of what passes.
struct Eavesdropper {
  std::function<void(const hydra_clients::hydra::Request&)> sent;
  std::function<void(const hydra_clients::hydra::Request&, const Ending&,
                     const hydra_clients::hydra::Response*)>
      ended;
};

class ModelTransport final : public hydra_clients::hydra::Transport {
 public:
  using Answer = tl::expected<hydra_clients::hydra::Response, hydra_clients::hydra::TransportError>;

  struct Sides {
    Scheduler& scheduler;
    History& history;
    HydraModel& hydra;
    const Settings& settings;
  };

  /// `isDead`: the replica was killed: nothing that it sends from now on arrives, and it hears nothing.
  ModelTransport(Sides sides, int replica, std::function<bool()> isDead, Eavesdropper eavesdropper = {})
      : sides_(sides),
        replica_(replica),
        isDead_(std::move(isDead)),
        eavesdropper_(std::move(eavesdropper)) {}

  Answer send(const hydra_clients::hydra::Request& request) override;
  void cancelAll() override { cancelled_ = true; }
  [[nodiscard]] hydra_clients::FileDescriptor keptConnection() override { return sides_.hydra.connect(); }

 private:
  enum class Fault {
    kNone,
    kNotSent,
    kCutBefore,
    kCutAfter,
    kInternalBefore,
    kInternalAfter,
    kLate,
    kLateGateway,
    kLost,
    kTooMany,
    kUnavailable,
    kConcurrentUpdate,
    kGarbled,
    kForeign,
    kRefused,
    kPoisonedPage,
    kTokenEnded,
  };

  [[nodiscard]] Fault pick(const hydra_clients::hydra::Request& request);
  [[nodiscard]] Answer pass(const hydra_clients::hydra::Request& request, Fault fault);
  /// Hydra does it later, where it is still the same process.
  void doLater(const hydra_clients::hydra::Request& request);
  /// Of a fault that is an answer in Hydra's place.
  [[nodiscard]] Answer instead(const hydra_clients::hydra::Request& request, Fault fault);
  void travel();

  Sides sides_;
  const int replica_;
  const std::function<bool()> isDead_;
  const Eavesdropper eavesdropper_;
  bool cancelled_ = false;
};

}  // namespace simulate

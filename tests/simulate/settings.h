#pragma once

// What a seed decides before its world begins.

#include <chrono>
#include <cstddef>
#include <string>

#include "chance.h"
#include "moment.h"

namespace simulate {

/// Of a thousand requests (list pages, files, …) that could have it; 0 where a seed does without.
struct FaultRates {
  unsigned notSent = 0;   ///< no connection
  unsigned cut = 0;       ///< before Hydra has done it, or after
  unsigned internal = 0;  ///< 500, before or after
  unsigned late = 0;      ///< a time-out or a gateway's answer; Hydra does it later
  unsigned lost = 0;      ///< a time-out; Hydra never does it
  unsigned busy = 0;      ///< 429, 503, 400 "concurrent update"
  unsigned garbled = 0;   ///< JSON that is cut
  unsigned foreign = 0;   ///< a proxy's page, 403
  unsigned refused = 0;   ///< Hydra's own 400 of one client
  unsigned list = 0;      ///< a page that is a 500, a page token that has ended
  unsigned disk = 0;      ///< a call of the outbox's files that fails
};

struct Settings {
  explicit Settings(Chance& chance);

  std::string dialect;
  std::size_t replicas = 1;
  std::size_t clients = 1;
  int pageSize = 0;     ///< asked for; 0: the dialect's largest
  int mostOfAPage = 0;  ///< that Hydra gives; 0: the dialect's
  std::size_t parallelism = 0;
  std::chrono::milliseconds interval{};
  bool atomicSource = true;     ///< a commit is read, not files
  unsigned outboxPermille = 0;  ///< of replicas that have one
  FaultRates faults;
  bool watchFails = false;   ///< what asks Hydra for its start time meets faults too
  std::size_t edits = 0;     ///< by people: of manifests, of clients
  std::size_t restarts = 0;  ///< of Hydra
  std::size_t kills = 0;     ///< of replicas, and their clean restarts
  std::size_t sourceFaults = 0;
  Moment quietAt{};  ///< no fault begins after it, and nobody changes anything
  Moment calmAt{};   ///< no effect of an earlier fault or change comes after it

  [[nodiscard]] std::string text() const;

  /// How late after it was sent a request may still be carried out.
  static constexpr std::chrono::seconds kLatest{20};
  /// How long a request of ours waits for its answer.
  static constexpr std::chrono::seconds kTimeout{10};
};

}  // namespace simulate

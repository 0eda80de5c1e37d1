#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace hydra_clients::reconcile {

/// How far a piece of work is.
struct Progress {
  enum class Stage : std::uint8_t {
    kReadingManifests,  ///< counts files
    kReadingClients,    ///< counts live clients
    kImporting,         ///< counts clients that are finished, whatever became of them
  };
  Stage stage = Stage::kReadingManifests;
  std::uint64_t done = 0;
  std::optional<std::uint64_t> total = std::nullopt;  ///< nullopt: not known, or not yet
  std::uint64_t failed = 0;                           ///< of `done`
};

/// Told as work goes on, by one thread at a time, and often: it decides by itself what to show of it. During
/// an import it is told several times a second though nothing moves.
using ProgressObserver = std::function<void(const Progress& progress)>;

}  // namespace hydra_clients::reconcile

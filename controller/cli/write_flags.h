#pragma once

#include <chrono>

#include <CLI/CLI.hpp>

#include "reconcile/write_pace.h"

namespace hydra_clients::cli {

/// The flags of the commands that import: how hard they may press a Hydra that also serves logins.
struct WriteFlags {
  std::chrono::milliseconds maxLatency = reconcile::PaceFinder::Limits{}.maxLatency;

  void addTo(CLI::App& command);
  [[nodiscard]] reconcile::PaceFinder::Limits pace() const { return {.maxLatency = maxLatency}; }
};

}  // namespace hydra_clients::cli

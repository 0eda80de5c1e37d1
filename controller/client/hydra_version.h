#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace hydra_clients {

/// A released version of ORY Hydra, as far as its admin API differs: "v1.11.10", "2.3", "26".
/// A part that was left out is read as the newest of its line ("v1.11" is every 1.11.x up to the last).
struct HydraVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;

  auto operator<=>(const HydraVersion&) const = default;

  /// "v2.3.0"; a part that was left out prints as "x" ("v1.11.x").
  [[nodiscard]] std::string text() const;

  /// nullopt unless it is a version: digits and dots, an optional "v" before, "-pre.1" or "+build" after.
  static std::optional<HydraVersion> parse(std::string_view);

  static constexpr int kNewestOfLine = 999;
};

/// The newest Hydra whose model this program knows (the field table's last column).
inline constexpr HydraVersion kNewestKnownHydra{26, 2, 0};

/// The oldest one that this program speaks to.
inline constexpr HydraVersion kOldestHydra{1, 9, 0};

}  // namespace hydra_clients

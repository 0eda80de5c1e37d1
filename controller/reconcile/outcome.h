#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hydra_clients::reconcile {

/// What a cycle finds of one client; the first that applies (design §1).
enum class Outcome : std::uint8_t {
  kDuplicate,  ///< its client_id stands in another manifest too
  kInvalid,    ///< JSON, schema, rules or limits refuse it
  kInSync,     ///< in Hydra, every declared field equal
  kConflict,   ///< in Hydra, a declared field differs: reported, never written
  kWaiting,    ///< absent, and its secret cannot be had yet
  kRefused,    ///< absent, and Hydra said no
  kRetrying,   ///< absent, and not done for the moment
  kImport,     ///< absent: to be imported (in a plan), imported (in a cycle's report)
  kUnmanaged,  ///< in Hydra without a manifest: counted, never touched
};

inline constexpr std::array kAllOutcomes = {
    Outcome::kDuplicate, Outcome::kInvalid,  Outcome::kInSync, Outcome::kConflict,  Outcome::kWaiting,
    Outcome::kRefused,   Outcome::kRetrying, Outcome::kImport, Outcome::kUnmanaged,
};

/// The word as users see it: "in_sync".
[[nodiscard]] constexpr std::string_view nameOf(Outcome outcome) {
  constexpr std::array<std::string_view, 9> kNames = {
      "duplicate", "invalid", "in_sync", "conflict", "waiting", "refused", "retrying", "import", "unmanaged"};
  return kNames[static_cast<std::size_t>(outcome)];
}

}  // namespace hydra_clients::reconcile

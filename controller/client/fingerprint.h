#pragma once

#include <cstdint>
#include <string_view>

namespace hydra_clients {

/// Stands for a text within this process: texts of one fingerprint are the same text. XXH3 of 128 bits, a
/// hundred times as fast as a cryptographic hash, with a seed that is drawn anew by each process and never
/// shown: who can write clients into Hydra cannot construct a text that passes for another.
struct Fingerprint {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  bool operator==(const Fingerprint&) const = default;
};

/// Throws std::runtime_error where the system has no random numbers for the seed. Thread-safe.
[[nodiscard]] Fingerprint fingerprintOf(std::string_view text);

}  // namespace hydra_clients

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace hydra_clients::hydra {

/// Which clients the readings of a list have shown: in eight to twenty-four bytes a client, since a Hydra may
/// hold a hundred thousand. An id is taken for one that was seen where 62 bits of their fingerprints agree.
/// Inside this room only; used by one thread.
class SeenIds {
 public:
  struct Sighting {
    bool first = false;           ///< of all readings
    bool firstOfReading = false;  ///< of this one
  };
  static constexpr unsigned kMostReadings = 3;

  /// `reading` counts from 1 to kMostReadings and never falls.
  Sighting note(std::string_view id, unsigned reading);

 private:
  static constexpr std::uint64_t kReadingBits = 3;
  static constexpr std::size_t kFirstSlots = 1024;  ///< a power of two

  [[nodiscard]] std::uint64_t& slotOf(std::uint64_t hash);
  void makeRoom();

  /// Open addressing: a hash with its last reading in its lowest bits; 0 is free. At most half full.
  std::vector<std::uint64_t> slots_;
  std::size_t used_ = 0;
};

}  // namespace hydra_clients::hydra

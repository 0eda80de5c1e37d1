#include "hydra/seen_ids.h"

#include <algorithm>
#include <utility>

#include "client/fingerprint.h"

namespace hydra_clients::hydra {

SeenIds::Sighting SeenIds::note(std::string_view id, unsigned reading) {
  if (2 * (used_ + 1) > slots_.size()) makeRoom();
  const std::uint64_t hash = fingerprintOf(id).low & ~kReadingBits;
  std::uint64_t& slot = slotOf(hash);
  const std::uint64_t before = std::exchange(slot, hash | reading);
  if (before == 0) ++used_;
  return {.first = before == 0, .firstOfReading = before != slot};
}

std::uint64_t& SeenIds::slotOf(std::uint64_t hash) {
  const std::size_t last = slots_.size() - 1;
  std::size_t at = (hash >> 2) & last;
  while (slots_[at] != 0 && (slots_[at] & ~kReadingBits) != hash) at = (at + 1) & last;  // half are free
  return slots_[at];
}

void SeenIds::makeRoom() {
  const std::vector<std::uint64_t> before =
      std::exchange(slots_, std::vector<std::uint64_t>(std::max(kFirstSlots, 2 * slots_.size())));
  for (const std::uint64_t taken : before) {
    if (taken != 0) slotOf(taken & ~kReadingBits) = taken;
  }
}

}  // namespace hydra_clients::hydra

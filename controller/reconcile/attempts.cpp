#include "reconcile/attempts.h"

#include <algorithm>
#include <utility>

namespace hydra_clients::reconcile {
namespace {

bool sameDeclaration(const manifest::Manifest& a, const manifest::Manifest& b) {
  return a.fields == b.fields && sameSource(a.secret, b.secret);
}

}  // namespace

void Attempts::failed(const manifest::ManifestPtr& manifest, Outcome outcome, std::string reason,
                      SteadyTime now, std::optional<std::chrono::milliseconds> retryAfter) {
  const bool refused = outcome == Outcome::kRefused;
  const auto first = refused ? limits_.refusedFirst : limits_.retryingFirst;
  const auto longest = refused ? limits_.refusedLongest : limits_.retryingLongest;
  Entry& entry = entries_[manifest->id];
  const bool again = entry.tried && entry.held.outcome == outcome && sameDeclaration(*entry.tried, *manifest);
  entry.wait = again ? std::min(entry.wait * 2, longest) : first;
  entry.tried = manifest;
  const auto asked = std::min(retryAfter.value_or(entry.wait), limits_.retryAfterLongest);
  entry.held = {outcome, std::move(reason), now + std::max(entry.wait, asked)};
}

std::optional<Attempts::Held> Attempts::heldBack(const manifest::Manifest& manifest, SteadyTime now) const {
  const auto found = entries_.find(manifest.id);
  if (found == entries_.end()) return std::nullopt;
  const Entry& entry = found->second;
  if (!sameDeclaration(*entry.tried, manifest) || now >= entry.held.due) return std::nullopt;
  return entry.held;
}

std::optional<SteadyTime> Attempts::dueOf(const ClientId& id) const {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return std::nullopt;
  return found->second.held.due;
}

std::optional<SteadyTime> Attempts::nextDue() const {
  std::optional<SteadyTime> earliest;
  for (const auto& [id, entry] : entries_) {
    if (!earliest || entry.held.due < *earliest) earliest = entry.held.due;
  }
  return earliest;
}

void Attempts::keepOnly(const std::function<bool(const ClientId&)>& keep) {
  std::erase_if(entries_, [&](const auto& entry) { return !keep(entry.first); });
}

}  // namespace hydra_clients::reconcile

#include "client/edit_distance.h"

#include <algorithm>
#include <string>
#include <vector>

#include "client/ascii.h"

namespace hydra_clients {
namespace {

constexpr std::size_t kLongestName =
    64;  // no name that we know is longer; a longer one is no slip of the finger
constexpr std::size_t kShortestBeginning = 3;  // "warn" for "warning"; a letter or two could be anything

std::string folded(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == ':' || c == ' ' || c == '.') continue;
    result.push_back(lowerCase(c));
  }
  return result;
}

std::optional<std::string_view> onlyOneThatBeginsWith(const std::string& plain,
                                                      std::span<const std::string_view> known) {
  if (plain.size() < kShortestBeginning) return std::nullopt;
  const auto begins = [&](std::string_view candidate) { return folded(candidate).starts_with(plain); };
  if (std::ranges::count_if(known, begins) != 1) return std::nullopt;
  return *std::ranges::find_if(known, begins);
}

}  // namespace

std::size_t editDistance(std::string_view a, std::string_view b, std::size_t most) {
  const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference > most) return most + 1;
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> older(width), old(width), current(width);
  for (std::size_t j = 0; j < width; ++j) old[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j < width; ++j) {
      const bool same = a[i - 1] == b[j - 1];
      current[j] = std::min({old[j] + 1, current[j - 1] + 1, old[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], older[j - 2] + 1);
    }
    older.swap(old);
    old.swap(current);
  }
  return std::min(old[b.size()], most + 1);
}

std::optional<std::string_view> nearest(std::string_view written, std::span<const std::string_view> known) {
  if (written.empty() || written.size() > kLongestName) return std::nullopt;
  const std::string plain = folded(written);
  std::optional<std::string_view> best;
  std::size_t bestDistance = std::max<std::size_t>(1, written.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    const std::string plainCandidate = folded(candidate);
    if (plainCandidate == plain) return candidate;
    const std::size_t distance = editDistance(plain, plainCandidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ? best : onlyOneThatBeginsWith(plain, known);
}

}  // namespace hydra_clients

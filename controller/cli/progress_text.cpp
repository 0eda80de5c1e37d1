#include "cli/progress_text.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hydra_clients::cli {
namespace {

using reconcile::Progress;

constexpr std::size_t kWidestBar = 30;
constexpr std::size_t kNarrowestBar = 6;  ///< a narrower one shows nothing
constexpr std::uint64_t kMinute = 60;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr double kLongestTimeLeft = 100.0 * kHour;  ///< beyond it a number is no help

struct Words {
  std::string_view doing;  ///< of the bar
  std::string_view done;   ///< of the sentence
  std::string_view unit;
};

Words wordsFor(Progress::Stage stage) {
  switch (stage) {
    case Progress::Stage::kReadingManifests:
      return {"reading manifests", "read", "file"};
    case Progress::Stage::kReadingClients:
      return {"reading clients", "read", "live client"};
    case Progress::Stage::kImporting:
      return {"importing", "imported", "client"};
  }
  return {};
}

/// "12,345".
std::string grouped(std::uint64_t number) {
  constexpr std::size_t kGroup = 3;
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > kGroup;) text.insert(at -= kGroup, 1, ',');
  return text;
}

/// "1,200 of 5,000", or "1,200".
std::string countOf(std::uint64_t done, const std::optional<std::uint64_t>& total) {
  return total ? grouped(done) + " of " + grouped(*total) : grouped(done);
}

std::string rateText(double perSecond) {
  constexpr double kNoFraction = 10;
  if (perSecond < kNoFraction) return fmt::format("{:.1f}/s", perSecond);
  return grouped(static_cast<std::uint64_t>(std::llround(perSecond))) + "/s";
}

std::string timeText(std::uint64_t seconds) {
  if (seconds < kMinute) return fmt::format("{} s", seconds);
  if (seconds < kHour) return fmt::format("{} min {} s", seconds / kMinute, seconds % kMinute);
  return fmt::format("{} h {} min", seconds / kHour, seconds % kHour / kMinute);
}

/// {"1,500/s", "3 s left"}: what is known of them. Of what stands, for how long.
std::vector<std::string> partsOf(const Progress& progress, const Pace& pace) {
  std::vector<std::string> parts;
  const bool finished = progress.total && *progress.total <= progress.done;
  if (!finished && pace.idle >= kStands) {
    return {"none for " + timeText(static_cast<std::uint64_t>(pace.idle.count()))};
  }
  if (!pace.perSecond) return parts;
  parts.push_back(rateText(*pace.perSecond));
  if (progress.total && !finished) {
    const double seconds = std::ceil(static_cast<double>(*progress.total - progress.done) / *pace.perSecond);
    if (seconds < kLongestTimeLeft) parts.push_back(timeText(static_cast<std::uint64_t>(seconds)) + " left");
  }
  return parts;
}

/// What is done of it, 0 to 1; nullopt where there is no telling. A list may grow while it is read.
std::optional<double> shareOf(const Progress& progress) {
  if (!progress.total || *progress.total == 0) return std::nullopt;
  return std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(*progress.total));
}

/// "[====>     ]", `width` columns wide.
std::string drawn(double share, std::size_t width) {
  const std::size_t inside = width - 2;
  const auto full = static_cast<std::size_t>(share * static_cast<double>(inside));
  std::string bar(full, '=');
  if (full < inside) bar += '>';
  bar.resize(inside, ' ');
  return "[" + bar + "]";
}

}  // namespace

void RecentRate::note(std::uint64_t done, reconcile::SteadyTime now) {
  if (samples_.empty() || done > newest_.done) moved_ = now;
  newest_ = {done, now};
  if (samples_.empty() || now - samples_.back().time >= kStep) samples_.push_back(newest_);
  while (samples_.size() > 1 && now - samples_[1].time >= kWindow) samples_.pop_front();
}

Pace RecentRate::pace() const {
  if (samples_.empty()) return {};
  Pace pace{.idle = std::chrono::floor<std::chrono::seconds>(newest_.time - moved_)};
  const Sample& oldest = samples_.front();
  if (newest_.done > oldest.done && newest_.time - oldest.time >= kLeast) {
    pace.perSecond = static_cast<double>(newest_.done - oldest.done) /
                     std::chrono::duration<double>(newest_.time - oldest.time).count();
  }
  return pace;
}

std::string progressSentence(const Progress& progress, const Pace& pace) {
  const Words words = wordsFor(progress.stage);
  const std::uint64_t good = progress.done - std::min(progress.failed, progress.done);
  std::string text = fmt::format("{} {} {}{}", words.done, countOf(good, progress.total), words.unit,
                                 progress.total.value_or(good) == 1 ? "" : "s");
  if (progress.failed > 0) text += ", " + grouped(progress.failed) + " failed";
  const auto parts = partsOf(progress, pace);
  return parts.empty() ? text : fmt::format("{} ({})", text, fmt::join(parts, ", "));
}

std::string progressBar(const Progress& progress, const Pace& pace, std::size_t width) {
  const std::string doing(wordsFor(progress.stage).doing);
  std::vector<std::string> parts = partsOf(progress, pace);
  parts.insert(parts.begin(), countOf(progress.done, progress.total));
  if (progress.failed > 0) parts.push_back(grouped(progress.failed) + " failed");
  std::string right = fmt::format("{}", fmt::join(parts, ", "));
  std::string text = doing;
  if (const auto share = shareOf(progress)) {
    right = fmt::format("{:3.0f}%  {}", std::floor(*share * 100), right);
    const std::size_t used = doing.size() + right.size() + 2;
    if (used + kNarrowestBar <= width) text += " " + drawn(*share, std::min(kWidestBar, width - used));
  }
  text += " " + right;
  if (text.size() > width) text.resize(width);
  return text;
}

}  // namespace hydra_clients::cli

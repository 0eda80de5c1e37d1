#pragma once

// Progress in words: pure, so that what a terminal shows can be tested without one.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "reconcile/progress.h"
#include "reconcile/steady_time.h"

namespace hydra_clients::cli {

/// How fast something goes.
struct Pace {
  std::optional<double> perSecond = std::nullopt;  ///< above 0; nullopt: not known
  std::chrono::seconds idle{0};                    ///< for how long nothing was finished
};

/// How fast something went over the last seconds. Used by one thread.
class RecentRate {
 public:
  /// `done` and `now` never shrink.
  void note(std::uint64_t done, reconcile::SteadyTime now);
  /// Without a rate where nothing was done lately, or it has not been watched for long enough.
  [[nodiscard]] Pace pace() const;

  static constexpr std::chrono::milliseconds kWindow{5'000};
  static constexpr std::chrono::milliseconds kLeast{500};  ///< a shorter time says nothing
  static constexpr std::chrono::milliseconds kStep{100};   ///< from one kept sample to the next

 private:
  struct Sample {
    std::uint64_t done = 0;
    reconcile::SteadyTime time;
  };
  std::deque<Sample> samples_;  ///< at most kWindow / kStep + 2; the oldest is the window's begin
  Sample newest_;
  reconcile::SteadyTime moved_;  ///< when something was finished last, or the watching began
};

/// Nothing was finished for so long: it stands, and no time left is guessed from what it did before.
inline constexpr std::chrono::seconds kStands{2};

/// "imported 1,197 of 5,000 clients, 3 failed (1,500/s, 3 s left)"; "… (none for 12 s)" where it stands.
[[nodiscard]] std::string progressSentence(const reconcile::Progress& progress, const Pace& pace);

/// "importing [====>         ] 24%  1,200 of 5,000, 1,500/s, 3 s left, 3 failed": ASCII, at most
/// `width` columns. The bar is what gives way first.
[[nodiscard]] std::string progressBar(const reconcile::Progress& progress, const Pace& pace,
                                      std::size_t width);

}  // namespace hydra_clients::cli

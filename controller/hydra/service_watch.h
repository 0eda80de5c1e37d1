#pragma once

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>

#include "hydra/admin_api.h"

namespace hydra_clients::hydra {

/// Whether anybody is served, as the answers show: nobody is, after too many failures in a row or too long a
/// time with nothing else. One alone may be a firewall's no to this one client, or a fault of this one
/// client's. Thread-safe.
class ServiceWatch {
 public:
  static constexpr int kMostInARow = 10;
  /// Where each failure is a time-out, ten in a row would take minutes.
  static constexpr std::chrono::milliseconds kLongestSilence{30'000};

  /// `patience`: how long a Hydra that is away or silent is waited for, since somebody was last served.
  explicit ServiceWatch(std::chrono::milliseconds patience = {},
                        std::chrono::milliseconds longestSilence = kLongestSilence)
      : patience_(patience), longestSilence_(std::max(patience, longestSilence)) {}

  /// A client was, whatever the answer means for it.
  void served();
  /// Hydra said of a client that it is not there: it is reached, and nobody is served by that.
  void answered();
  /// true: it is one too many.
  bool failed(const AdminError& error);
  /// A POST got no answer, while Hydra may be there for other requests. true: that lasts for too long.
  bool postSilent(const AdminError& error);
  /// The answer that shows that nobody could be served: one too many, or nothing else at all.
  [[nodiscard]] std::optional<AdminError> verdict() const;

 private:
  [[nodiscard]] bool isTooMuch(const AdminError& error) const;

  const std::chrono::milliseconds patience_;
  const std::chrono::milliseconds longestSilence_;
  mutable std::mutex mutex_;  ///< guards all below
  std::chrono::steady_clock::time_point lastServed_ = std::chrono::steady_clock::now();
  int inARow_ = 0;
  int silentPosts_ = 0;  ///< in a row
  bool isOver_ = false;
  bool reached_ = false;
  std::optional<AdminError> last_;
};

}  // namespace hydra_clients::hydra

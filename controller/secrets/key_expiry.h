#pragma once

// When recipients' keys end, in words, before and after. Pure: nothing here talks to gpg.

#include <chrono>
#include <ctime>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "secrets/pgp.h"

namespace hydra_clients::secrets {

using WallTime = std::chrono::system_clock::time_point;

/// A key that ends within this time is worth a warning: long enough to renew it and hand it out.
inline constexpr std::chrono::hours kKeyEndsSoon{30 * 24};

/// "2026-08-31", in UTC, of seconds since 1970.
[[nodiscard]] std::string dateOf(std::time_t seconds);

/// Seconds since 1970 at which the first of the recipients' keys ends; 0 where none ends. What the metric
/// pgp_key_expiry_timestamp_seconds shows.
[[nodiscard]] double earliestEnd(const std::vector<Recipient>& recipients);

/// Why nothing can be encrypted any more, with fingerprint and day of each key that has ended; empty while it
/// can.
[[nodiscard]] std::string endedKeys(const std::vector<Recipient>& recipients, WallTime now);

/// Says of each key, once, that it ends soon, and, once, that it has ended.
///
///     KeyExpiryWatch watch(pgp->recipients());
///     for (const std::string& warning : watch.dueWarnings(now)) log(warning);      // in each cycle
///
/// Not thread-safe.
class KeyExpiryWatch {
 public:
  explicit KeyExpiryWatch(std::vector<Recipient> recipients) : recipients_(std::move(recipients)) {}
  /// What has not been said before, with fingerprint and day.
  [[nodiscard]] std::vector<std::string> dueWarnings(WallTime now);

 private:
  std::vector<Recipient> recipients_;
  std::set<std::string> saidSoon_;  ///< fingerprints
  std::set<std::string> saidEnded_;
};

}  // namespace hydra_clients::secrets

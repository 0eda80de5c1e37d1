#pragma once

// What earlier cycles learned of clients that could not be imported, so that none is sent before its time and
// none delays another (design §2).

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "client/client_id.h"
#include "manifest/manifest.h"
#include "reconcile/outcome.h"
#include "reconcile/steady_time.h"

namespace hydra_clients::reconcile {

/// Clients that Hydra refused or that failed for the moment, with the time of their next try. Grows with the
/// number of such clients and no further: keepOnly() drops the rest after each cycle. Used by one thread.
class Attempts {
 public:
  struct Limits {
    std::chrono::milliseconds refusedFirst{std::chrono::seconds(30)};
    std::chrono::milliseconds refusedLongest{std::chrono::hours(1)};
    std::chrono::milliseconds retryingFirst{std::chrono::seconds(1)};
    std::chrono::milliseconds retryingLongest{std::chrono::minutes(5)};
    std::chrono::milliseconds retryAfterLongest{std::chrono::hours(1)};  ///< of what Hydra asks for
  };

  struct Held {
    Outcome outcome = Outcome::kRetrying;  ///< kRefused or kRetrying
    std::string reason;
    SteadyTime due;
  };

  Attempts() = default;
  explicit Attempts(const Limits& limits) : limits_(limits) {}

  /// No client that may be taken a moment later waits for longer than that.
  void retryWithin(std::chrono::milliseconds longest) {
    limits_.retryingLongest = std::clamp(longest, limits_.retryingFirst, limits_.retryingLongest);
    limits_.retryAfterLongest = longest;
  }

  /// Notes a failed import. The wait doubles with each failure of the same kind, up to its limit;
  /// `retryAfter` is its least.
  void failed(const manifest::ManifestPtr& manifest, Outcome outcome, std::string reason, SteadyTime now,
              std::optional<std::chrono::milliseconds> retryAfter = std::nullopt);

  /// Why the manifest must not be sent yet; nullopt where it may: never tried, changed since, or due.
  [[nodiscard]] std::optional<Held> heldBack(const manifest::Manifest& manifest, SteadyTime now) const;

  /// When a client may be tried again; nullopt where nothing holds it back.
  [[nodiscard]] std::optional<SteadyTime> dueOf(const ClientId& id) const;

  /// The earliest time at which a held client may be tried.
  [[nodiscard]] std::optional<SteadyTime> nextDue() const;

  /// Forgets all but the clients for which `keep` says so (imported, gone, changed).
  void keepOnly(const std::function<bool(const ClientId&)>& keep);
  /// Hydra was restarted: everything may be tried at once.
  void forgetAll() { entries_.clear(); }

 private:
  struct Entry {
    Held held;
    manifest::ManifestPtr tried;
    std::chrono::milliseconds wait{};
  };
  Limits limits_;
  std::unordered_map<ClientId, Entry> entries_;
};

}  // namespace hydra_clients::reconcile

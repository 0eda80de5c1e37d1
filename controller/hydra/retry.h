#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>

namespace hydra_clients::hydra {

/// Exponential backoff with full jitter, bounded in every step and, by the caller's deadline, in all.
struct BackoffOptions {
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds longest{5'000};
  double factor = 2.0;
};

/// The waits between attempts. Not thread-safe; cheap to make.
class Backoff {
 public:
  explicit Backoff(const BackoffOptions& options = {});
  /// The next wait: at least `retryAfter` where the server asked for one, else random in [step/2, step].
  [[nodiscard]] std::chrono::milliseconds next(
      std::optional<std::chrono::milliseconds> retryAfter = std::nullopt);
  /// The same for a caller who gives up at `deadline`: the time of the next try, from `now` on; nullopt where
  /// the server's `retryAfter` lies beyond it. A wait that is merely ours is cut short instead, so that a
  /// last try is made at the deadline.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> nextTry(
      std::chrono::steady_clock::time_point now, std::chrono::steady_clock::time_point deadline,
      std::optional<std::chrono::milliseconds> retryAfter = std::nullopt);

 private:
  BackoffOptions options_;
  std::chrono::milliseconds step_;
};

/// Seconds since 1970 of an HTTP-date in its one form that senders may use (RFC 9110 §5.6.7, IMF-fixdate).
[[nodiscard]] std::optional<std::int64_t> parseHttpDate(std::string_view text);

/// Seconds of a Retry-After header (RFC 9110 §10.2.3): delay-seconds or an HTTP-date measured against the
/// answer's own Date. nullopt for anything else. At most `longest`.
[[nodiscard]] std::optional<std::chrono::milliseconds> parseRetryAfter(std::string_view retryAfter,
                                                                       std::string_view date,
                                                                       std::chrono::milliseconds longest);

/// Sleeps until `duration` has passed or `stop` is asked for; false where it was stopped.
bool sleepUnlessStopped(std::chrono::milliseconds duration, const std::stop_token& stop);

}  // namespace hydra_clients::hydra

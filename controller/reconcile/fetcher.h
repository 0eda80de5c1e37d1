#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include <tl/expected.hpp>

#include "manifest/sources/fetch/fetched_source.h"
#include "reconcile/triggers.h"
#include "telemetry/metrics.h"

namespace hydra_clients::reconcile {

struct FetcherOptions {
  std::chrono::milliseconds interval{
      std::chrono::minutes(1)};  ///< from one fetch's end to the next one's begin
  double jitter = 0.1;           ///< the interval varies by this share
};

/// Fetches at once, then from time to time, and at once when it is told to; on a thread of its own, so that a
/// remote that is slow or away holds up nothing. After a fetch that failed the next one comes sooner: 1 s
/// later, then 2 s, and so on up to the interval. What is news begins a cycle: another commit, failing, and
/// failing no more. Ends its thread, and the fetch that is under way, when it goes. Thread-safe:
/// `mutex_` guards what follows it.
class Fetcher {
 public:
  /// Gives the id of the commit that is in force then, or why there is no new one, in words.
  using Fetch = std::function<tl::expected<std::string, std::string>(const std::stop_token&)>;

  /// `triggers` and `metrics` outlive it.
  Fetcher(Fetch fetch, FetcherOptions options, Triggers& triggers, telemetry::Metrics& metrics);

  /// As soon as the fetch that is under way has ended, and kLeastPause has gone by.
  void fetchNow();

  /// Until the first fetch has ended, however it did, or `stop`; calls `beat` meanwhile. A commit of an
  /// earlier process may be long past, and what it declares taken away on purpose since.
  void waitForFirst(const std::stop_token& stop, const std::function<void()>& beat);

  [[nodiscard]] manifest::FetchStatus status() const;

  /// Between two fetches, however often it is told to.
  static constexpr std::chrono::milliseconds kLeastPause{1'000};

 private:
  void run(const std::stop_token& stop);
  void note(const tl::expected<std::string, std::string>& fetched);
  void pause(const std::stop_token& stop);

  const Fetch fetch_;
  const FetcherOptions options_;
  Triggers& triggers_;
  telemetry::Metrics& metrics_;
  std::string commit_;  ///< of the last fetch that did not fail; its own thread's, as the next one
  int failuresInARow_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;  ///< either of the two below
  bool wanted_ = false;
  bool firstEnded_ = false;
  manifest::FetchStatus status_;
  std::jthread thread_;
};

}  // namespace hydra_clients::reconcile

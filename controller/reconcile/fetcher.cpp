#include "reconcile/fetcher.h"

#include <algorithm>
#include <utility>

#include "reconcile/jitter.h"
#include "telemetry/log.h"

namespace hydra_clients::reconcile {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kBeat{5};

milliseconds retryAfter(int failuresInARow, milliseconds interval) {
  auto wait = Fetcher::kLeastPause;
  for (int i = 1; i < failuresInARow && wait < interval; ++i) wait *= 2;
  return std::min(wait, interval);
}

}  // namespace

Fetcher::Fetcher(Fetch fetch, FetcherOptions options, Triggers& triggers, telemetry::Metrics& metrics)
    : fetch_(std::move(fetch)),
      options_(options),
      triggers_(triggers),
      metrics_(metrics),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Fetcher::fetchNow() {
  const std::scoped_lock lock(mutex_);
  wanted_ = true;
  changed_.notify_all();
}

void Fetcher::waitForFirst(const std::stop_token& stop, const std::function<void()>& beat) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested() && !firstEnded_) {
    beat();
    changed_.wait_for(lock, stop, kBeat, [this] { return firstEnded_; });
  }
}

manifest::FetchStatus Fetcher::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

void Fetcher::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto fetched = fetch_(stop);
    if (stop.stop_requested()) return;
    failuresInARow_ = fetched ? 0 : failuresInARow_ + 1;
    note(fetched);
    pause(stop);
  }
}

void Fetcher::note(const tl::expected<std::string, std::string>& fetched) {
  metrics_.fetched(fetched.has_value());
  telemetry::logDebug("fetched",
                      {{"revision", fetched.value_or("")}, {"error", fetched ? "" : fetched.error()}});
  bool news = fetched && *fetched != commit_;
  if (fetched) commit_ = *fetched;
  {
    const std::scoped_lock lock(mutex_);
    const bool failed = !status_.error.empty();
    news = news || failed == fetched.has_value();
    if (!failed) status_.failingSince = std::chrono::system_clock::now();
    status_.error = fetched ? "" : fetched.error();
    firstEnded_ = true;
    changed_.notify_all();
  }
  if (news) triggers_.lookNow(fetched ? "fetched " + commit_ : "a fetch failed");
}

void Fetcher::pause(const std::stop_token& stop) {
  const auto ended = steady_clock::now();
  const auto wait = failuresInARow_ == 0 ? options_.interval : retryAfter(failuresInARow_, options_.interval);
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, ended + kLeastPause, [] { return false; });
  changed_.wait_until(lock, stop, ended + jittered(wait, options_.jitter), [this] { return wanted_; });
  wanted_ = false;
}

}  // namespace hydra_clients::reconcile

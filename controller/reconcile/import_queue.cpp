#include "reconcile/import_queue.h"

#include <algorithm>
#include <utility>

namespace hydra_clients::reconcile {

using std::chrono::steady_clock;

ImportQueue::ImportQueue(std::span<const manifest::ManifestPtr> manifests, std::size_t mostAhead)
    : manifests_(manifests),
      mostAhead_(std::max<std::size_t>(mostAhead, 1)),
      results_(manifests.size()),
      finished_(manifests.size(), false) {
  for (std::size_t i = 0; i < manifests.size(); ++i) results_[i].id = manifests[i]->id;
}

ImportJob ImportQueue::begin() {
  ImportJob job;
  job.index = fresh_++;
  job.manifest = manifests_[job.index];
  job.id = job.manifest->id;
  return job;
}

ImportJob ImportQueue::takeWaiting() {
  ImportJob job = waiting_.top().job;
  waiting_.pop();
  return job;
}

std::optional<ImportQueue::Turn> ImportQueue::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    const bool ending = ended_ || stop.stop_requested();
    const bool due = !waiting_.empty() && (ending || waiting_.top().due <= steady_clock::now());
    if (due) return Turn{takeWaiting(), ending};
    if (ending) return std::nullopt;
    if (mayBegin()) return Turn{begin(), false};
    // Whoever has a job under way comes back for it: no job is left without a worker.
    if (waiting_.empty() && fresh_ == manifests_.size()) return std::nullopt;
    const SteadyTime until = waiting_.empty() ? SteadyTime::max() : waiting_.top().due;
    const auto sooner = [&] {
      return ended_ || mayBegin() || (!waiting_.empty() && waiting_.top().due < until) ||
             (waiting_.empty() && fresh_ == manifests_.size());
    };
    if (waiting_.empty()) {
      changed_.wait(lock, stop, sooner);
    } else {
      changed_.wait_until(lock, stop, until, sooner);
    }
  }
}

void ImportQueue::putBack(ImportJob job, SteadyTime due) {
  const std::scoped_lock lock(mutex_);
  waiting_.push({std::move(job), due});
  changed_.notify_all();
}

void ImportQueue::finish(std::size_t index, ImportResult result) {
  const std::scoped_lock lock(mutex_);
  ++finishedCount_;
  if (result.failed()) ++failedCount_;
  results_[index] = std::move(result);
  finished_[index] = true;
  // Waking the one that tells for each of thousands a second costs as much as sending them: it looks by
  // itself.
  const bool isWorthIt = finishedCount_ - told_ >= kTellAtOnce || finishedCount_ == manifests_.size();
  if (isWorthIt && finished_[told_]) changed_.notify_all();
}

void ImportQueue::end() {
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void ImportQueue::enter() {
  const std::scoped_lock lock(mutex_);
  ++workers_;
}

void ImportQueue::leave() {
  const std::scoped_lock lock(mutex_);
  --workers_;
  changed_.notify_all();
}

std::optional<std::size_t> ImportQueue::nextToTell(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return finished_[told_] || workers_ == 0; };
  if (!changed_.wait_for(lock, patience, ready)) return std::nullopt;
  const bool held = fresh_ < manifests_.size() && !mayBegin();
  const std::size_t index = told_++;
  if (held) changed_.notify_all();  // one more may be begun
  return index;
}

Progress ImportQueue::progress() const {
  const std::size_t failed = failedCount_;  // first: it is part of the other
  return {Progress::Stage::kImporting, finishedCount_, manifests_.size(), failed};
}

}  // namespace hydra_clients::reconcile

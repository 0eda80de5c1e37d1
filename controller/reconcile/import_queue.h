#pragma once

// Whose turn it is: the clients of one import, taken by the workers and told in the order of the manifests.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <queue>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "client/client_id.h"
#include "client/secret.h"
#include "hydra/retry.h"
#include "manifest/manifest.h"
#include "reconcile/import_result.h"
#include "reconcile/progress.h"
#include "reconcile/steady_time.h"

namespace hydra_clients::reconcile {

/// One client on its way. Owned by the queue or by the worker that has taken it.
struct ImportJob {
  std::size_t index = 0;
  manifest::ManifestPtr manifest;
  ClientId id;
  SharedSecret body;       ///< made at the first try; every try sends the same
  SharedSecret secret;     ///< that stands in `body`; null where the client needs none
  SharedSecret generated;  ///< the same where it was made here
  std::string sealed;      ///< `generated`, encrypted
  std::string stamp;       ///< with `generated`: marks the client as this job's
  bool doubtful = false;   ///< an earlier POST may have arrived, or may yet
  bool ambiguous = false;  ///< the same was once so, whatever was read since: a 409 may be of our own making
  std::string lastError;   ///< of the last try, in words
  SteadyTime deadline;     ///< no try begins after it
  hydra::Backoff backoff;
};

/// Thread-safe: `mutex_` guards everything but the two counters; nothing is called while it is held.
class ImportQueue {
 public:
  /// At most `mostAhead` clients beyond the first one that is not told yet are begun: what a killed process
  /// can lose of generated secrets has a bound.
  ImportQueue(std::span<const manifest::ManifestPtr> manifests, std::size_t mostAhead);

  /// A worker's next job, and whether it is its last turn: then nothing is sent any more, and what is in
  /// doubt is only looked up.
  struct Turn {
    ImportJob job;
    bool last = false;
  };

  /// Waits for a job that is due. One that was put back goes before one that was never tried. nullopt: this
  /// worker is done. On `stop`, and after end(), no client is begun, and those put back get their last turn.
  std::optional<Turn> take(const std::stop_token& stop);
  /// To be tried again at `due`.
  void putBack(ImportJob job, SteadyTime due);
  void finish(std::size_t index, ImportResult result);
  /// Nothing more is begun.
  void end();

  /// For each worker, before it starts and when it has ended.
  void enter();
  void leave();

  // For the one thread that tells.

  /// It is woken when so many can be told at once, and looks by itself before.
  static constexpr std::size_t kTellAtOnce = 16;

  /// The next client to be told of, in the order of the manifests, once it is finished, or all workers have
  /// left: then what was never begun is told as kStopped. nullopt: it is not so far within `patience`. Needs
  /// !allTold().
  std::optional<std::size_t> nextToTell(std::chrono::milliseconds patience);
  [[nodiscard]] bool allTold() const { return told_ == manifests_.size(); }
  /// What is finished, told or not.
  [[nodiscard]] Progress progress() const;
  /// Its result; stays as it is from then on.
  [[nodiscard]] const ImportResult& resultOf(std::size_t index) const { return results_[index]; }
  /// After the last was told.
  [[nodiscard]] std::vector<ImportResult> takeResults() { return std::move(results_); }

 private:
  struct Waiting {
    ImportJob job;
    SteadyTime due;
  };
  struct Later {
    bool operator()(const Waiting& a, const Waiting& b) const {
      return a.due != b.due ? a.due > b.due : a.job.index > b.job.index;
    }
  };

  [[nodiscard]] bool mayBegin() const { return fresh_ < manifests_.size() && fresh_ - told_ < mostAhead_; }
  [[nodiscard]] ImportJob begin();
  [[nodiscard]] ImportJob takeWaiting();

  const std::span<const manifest::ManifestPtr> manifests_;
  const std::size_t mostAhead_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t fresh_ = 0;  ///< the first that was never begun
  std::size_t told_ = 0;   ///< the first that is not told; changed by the thread that tells
  std::size_t workers_ = 0;
  bool ended_ = false;
  std::priority_queue<Waiting, std::vector<Waiting>, Later> waiting_;  ///< at most one entry a manifest
  std::vector<ImportResult> results_;
  std::vector<bool> finished_;
  std::atomic<std::size_t> finishedCount_ = 0;
  std::atomic<std::size_t> failedCount_ = 0;
};

}  // namespace hydra_clients::reconcile

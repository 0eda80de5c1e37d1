#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "reconcile/report.h"
#include "reconcile/unapplied_commits.h"
#include "telemetry/metrics.h"

namespace hydra_clients::reconcile {

/// Of the cycles since this process began; nullopt before the first.
struct ResultTimes {
  /// When the first of those that came in a row to the newest one's result ended.
  std::optional<std::chrono::system_clock::time_point> since;
  std::optional<std::chrono::system_clock::time_point> lastSuccess;
};

/// What /status shows: the newest report, since when it is so, and what became of the commit that a webhook
/// announced. Tells the metrics how long commits wait. Thread-safe: `mutex_` guards what follows it; it is
/// not held while a document is made, on the thread that asks and once for each report or announcement.
class StatusBoard {
 public:
  /// `metrics` outlives it.
  explicit StatusBoard(telemetry::Metrics& metrics) : metrics_(metrics) {}

  void publish(std::shared_ptr<const CycleReport> report);
  /// A webhook says that this commit is there.
  void announced(const std::string& revision);
  [[nodiscard]] std::shared_ptr<const std::string> newest(Named named = Named::kAll);

 private:
  /// To be called under the lock, so that the last one to change something is the last one to tell.
  void changed();

  telemetry::Metrics& metrics_;
  std::mutex mutex_;
  std::shared_ptr<const CycleReport> report_;  ///< null before the first
  /// Of both, by what they name; null where nobody has asked yet.
  std::array<std::shared_ptr<const std::string>, 2> documents_;
  ResultTimes times_;
  UnappliedCommits commits_;
  std::size_t version_ = 0;  ///< of what the documents are made of
};

}  // namespace hydra_clients::reconcile

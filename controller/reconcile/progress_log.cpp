#include "reconcile/progress_log.h"

#include <cstdint>
#include <utility>

#include "telemetry/log.h"

namespace hydra_clients::reconcile {

ProgressLog::ProgressLog(std::function<SteadyTime()> now) : now_(std::move(now)) {}

void ProgressLog::note(const Progress& progress) {
  if (progress.stage != Progress::Stage::kImporting) {
    due_.reset();
    return;
  }
  const SteadyTime now = now_();
  if (!due_) due_ = now + kEvery;
  if (now < *due_) return;
  due_ = now + kEvery;
  telemetry::logInfo("importing", {{"done", static_cast<std::int64_t>(progress.done)},
                                   {"total", static_cast<std::int64_t>(progress.total.value_or(0))},
                                   {"failed", static_cast<std::int64_t>(progress.failed)}});
}

}  // namespace hydra_clients::reconcile

#include "reconcile/status_board.h"

#include <utility>

#include "client/rfc3339.h"

namespace hydra_clients::reconcile {
namespace {

using std::chrono::system_clock;

constexpr const char* kBeforeTheFirst = R"({"version":1,"result":null})";

json::Value timeOrNull(const std::optional<system_clock::time_point>& time) {
  return time ? json::Value::string(rfc3339(*time)) : json::Value{};
}

json::Value webhookOf(const std::optional<Announcement>& announcement) {
  if (!announcement) return {};
  return json::Value::object()
      .add("revision", json::Value::string(announcement->revision))
      .add("received_at", json::Value::string(rfc3339(announcement->received)))
      .add("applied_at", timeOrNull(announcement->applied));
}

std::string documentOf(const CycleReport* report, const ResultTimes& times,
                       const std::optional<Announcement>& announcement, Named named) {
  std::string text = report != nullptr ? toJsonText(*report, "run", named) : kBeforeTheFirst;
  text.back() = ',';  // in place of the closing brace
  return text + R"("result_since":)" + json::write(timeOrNull(times.since)) + R"(,"last_success_at":)" +
         json::write(timeOrNull(times.lastSuccess)) + R"(,"webhook":)" +
         json::write(webhookOf(announcement)) + "}";
}

}  // namespace

void StatusBoard::publish(std::shared_ptr<const CycleReport> report) {
  const auto began = report->finished - std::chrono::duration_cast<system_clock::duration>(
                                            std::chrono::duration<double>(report->seconds));
  const std::scoped_lock lock(mutex_);
  const bool sawAnything = !report->sourceUnread || !report->newestSeen.id.empty();
  if (sawAnything) commits_.seen(report->newestSeen, began);
  if (report->result != CycleResult::kFailed) commits_.applied(report->revision.id, report->finished);
  if (!report_ || report_->result != report->result) times_.since = report->finished;
  if (report->result == CycleResult::kSuccess) times_.lastSuccess = report->finished;
  report_ = std::move(report);
  changed();
}

void StatusBoard::announced(const std::string& revision) {
  const std::scoped_lock lock(mutex_);
  commits_.announced(revision, system_clock::now());
  changed();
}

void StatusBoard::changed() {
  documents_ = {};
  ++version_;
  metrics_.setOldestUnappliedCommitTime(static_cast<double>(commits_.oldest()));
}

std::shared_ptr<const std::string> StatusBoard::newest(Named named) {
  auto& kept = documents_[static_cast<std::size_t>(named)];
  std::shared_ptr<const CycleReport> report;
  ResultTimes times;
  std::optional<Announcement> announcement;
  std::size_t version = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (kept) return kept;
    report = report_;
    times = times_;
    announcement = commits_.announcement();
    version = version_;
  }
  auto document = std::make_shared<const std::string>(documentOf(report.get(), times, announcement, named));
  const std::scoped_lock lock(mutex_);
  if (version_ == version) kept = document;
  return document;
}

}  // namespace hydra_clients::reconcile

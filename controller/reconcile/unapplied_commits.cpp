#include "reconcile/unapplied_commits.h"

#include <algorithm>
#include <utility>

namespace hydra_clients::reconcile {
namespace {

std::int64_t secondsOf(UnappliedCommits::Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

void UnappliedCommits::announced(const std::string& id, Time now) {
  announcement_ = Announcement{id, now, std::nullopt};
  if (const Applied* const applied = findApplied(id)) {
    announcement_->applied = applied->since;  // what watches the source was quicker than the webhook
  } else if (find(id) == waiting_.end()) {
    note({id, secondsOf(now), now, /*seen=*/false});
  }
}

void UnappliedCommits::seen(const manifest::Revision& newest, Time began) {
  if (newest.id.empty()) {
    waiting_.clear();  // nothing that is announced could ever be found
    return;
  }
  if (!applied_.empty() && newest.id == applied_.back().id) {
    std::erase_if(waiting_, [](const Waiting& waiting) { return waiting.seen; });
    return;
  }
  const std::int64_t made = newest.time != 0 ? newest.time : secondsOf(began);
  const auto known = find(newest.id);
  if (known == waiting_.end()) {
    note({newest.id, made, began, /*seen=*/true});
  } else if (!std::exchange(known->seen, true) && newest.time != 0) {
    known->made = made;
  }
}

void UnappliedCommits::applied(const std::string& id, Time now) {
  if (id.empty()) return;
  if (applied_.empty() || applied_.back().id != id) {
    std::erase_if(applied_, [&](const Applied& earlier) { return earlier.id == id; });
    if (applied_.size() == kMostKept) applied_.erase(applied_.begin());
    applied_.push_back({id, now});
  }
  if (announcement_ && announcement_->revision == id && !announcement_->applied)
    announcement_->applied = applied_.back().since;
  const auto known = find(id);
  if (known != waiting_.end()) waiting_.erase(waiting_.begin(), std::next(known));
}

std::int64_t UnappliedCommits::oldest() const {
  const auto oldest = std::ranges::min_element(waiting_, {}, &Waiting::made);
  return oldest == waiting_.end() ? 0 : oldest->made;
}

std::vector<UnappliedCommits::Waiting>::iterator UnappliedCommits::find(const std::string& id) {
  return std::ranges::find(waiting_, id, &Waiting::id);
}

const UnappliedCommits::Applied* UnappliedCommits::findApplied(const std::string& id) const {
  const auto found = std::ranges::find(applied_, id, &Applied::id);
  return found == applied_.end() ? nullptr : &*found;
}

void UnappliedCommits::note(Waiting waiting) {
  // A cycle tells what it saw when it ends: a commit that was announced meanwhile is a later one.
  const auto later = std::ranges::upper_bound(waiting_, waiting.noted, {}, &Waiting::noted);
  if (waiting_.size() < kMostKept) {
    waiting_.insert(later, std::move(waiting));
  } else {
    waiting_.back() = std::move(waiting);  // the ones before it are older, and tell since when
  }
}

}  // namespace hydra_clients::reconcile

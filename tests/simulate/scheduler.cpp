#include "scheduler.h"

#include <algorithm>
#include <utility>

#include <sys/single_threaded.h>

namespace simulate {
namespace {

Scheduler* g_active = nullptr;

constexpr const char kSleeping = 0;  // its address is what nobody wakes

}  // namespace

Scheduler::Scheduler(std::uint64_t seed) : chance_(seed) {
  // From threads that are never interrupted to those that are at every other lock.
  yieldPermille_ = static_cast<unsigned>(chance_.oneOf(std::vector<unsigned>{0, 20, 100, 500}));
  g_active = this;
  __libc_single_threaded = 0;  // else the C++ library leaves out what only other threads would need
}

Scheduler::~Scheduler() { g_active = nullptr; }

Scheduler* Scheduler::active() { return g_active; }

void Scheduler::at(Moment when, std::function<void()> event) {
  agenda_.emplace(std::pair(std::max(when, now_), events_++), std::move(event));
}

Fiber* Scheduler::spawn(std::function<void()> body, std::optional<int> theOwner) {
  fibers_.push_back(std::make_unique<Fiber>(++begun_, theOwner.value_or(owner()), std::move(body)));
  ready_.push_back(fibers_.back().get());
  return ready_.back();
}

void Scheduler::run(const std::function<bool()>& done) {
  while (!done()) {
    while (!agenda_.empty() && agenda_.begin()->first.first <= now_) {
      const auto event = std::move(agenda_.begin()->second);
      agenda_.erase(agenda_.begin());
      event();
    }
    wakeDue();
    if (ready_.empty() && !lookAtFiles()) {
      goOn();
      continue;
    }
    if (++turns_ > kMostTurns) throw Stuck("more than " + std::to_string(kMostTurns) + " turns" + whoWaits());
    const auto place = static_cast<std::ptrdiff_t>(chance_.between(0, ready_.size() - 1));
    Fiber* next = ready_[static_cast<std::size_t>(place)];
    ready_.erase(ready_.begin() + place);
    turn(next);
  }
}

void Scheduler::turn(Fiber* fiber) {
  now_ += kTurn;
  running_ = fiber;
  fiber->switchTo();
  running_ = nullptr;
  if (!fiber->done) return;
  if (fiber->detached) {
    remove(fiber);
  } else {
    wakeAll(fiber);
  }
}

void Scheduler::wakeDue() {
  for (const auto& fiber : fibers_) {
    if (fiber->key == nullptr || !fiber->deadline || *fiber->deadline > now_) continue;
    fiber->key = nullptr;
    ready_.push_back(fiber.get());
  }
}

bool Scheduler::lookAtFiles() {
  for (const auto& fiber : fibers_) {
    if (fiber->key == nullptr || !fiber->polls || !(*files_.at(fiber.get()))()) continue;
    fiber->key = nullptr;
    fiber->woken = true;
    ready_.push_back(fiber.get());
  }
  return !ready_.empty();
}

void Scheduler::goOn() {
  std::optional<Moment> next;
  if (!agenda_.empty()) next = agenda_.begin()->first.first;
  for (const auto& fiber : fibers_) {
    if (fiber->key != nullptr && fiber->deadline && (!next || *fiber->deadline < *next))
      next = fiber->deadline;
  }
  if (!next) throw Stuck("nobody can go on" + whoWaits());
  now_ = std::max(now_, *next);
}

void Scheduler::mayYield() {
  if (running_ == nullptr || !chance_.permille(yieldPermille_)) return;
  ready_.push_back(running_);
  running_->switchBack();
}

bool Scheduler::wait(const void* key, std::optional<Moment> deadline) {
  if (running_ == nullptr) throw Stuck("an event must not wait");
  Fiber* self = running_;
  self->key = key;
  self->deadline = deadline;
  self->woken = false;
  self->switchBack();
  return self->woken;
}

void Scheduler::sleep(Moment duration) {
  if (running_ != nullptr) (void)wait(&kSleeping, now_ + duration);
}

bool Scheduler::waitForFile(const std::function<bool()>& isReady, std::optional<Moment> deadline) {
  if (isReady()) return true;
  files_[running_] = &isReady;
  running_->polls = true;
  const bool ready = wait(&files_, deadline);
  running_->polls = false;
  files_.erase(running_);
  return ready;
}

void Scheduler::wake(const void* key, std::size_t most) {
  for (const auto& fiber : fibers_) {
    if (most == 0) return;
    if (fiber->key != key) continue;
    --most;
    fiber->key = nullptr;
    fiber->woken = true;
    ready_.push_back(fiber.get());
  }
}

void Scheduler::join(Fiber* fiber) {
  while (!fiber->done) (void)wait(fiber);
  remove(fiber);
}

void Scheduler::detach(Fiber* fiber) {
  fiber->detached = true;
  if (fiber->done) remove(fiber);
}

void Scheduler::remove(Fiber* fiber) {
  std::erase_if(fibers_, [&](const auto& owned) { return owned.get() == fiber; });
}

std::string Scheduler::whoWaits() const {
  std::string text;
  for (const auto& fiber : fibers_) {
    text += "; thread " + std::to_string(fiber->number) + " of replica " + std::to_string(fiber->owner);
    text += fiber->done ? " has ended" : fiber->key == nullptr ? " is ready" : " waits";
  }
  return text;
}

}  // namespace simulate

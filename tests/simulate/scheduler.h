#pragma once

// Simulated time, and whose turn it is. Everything runs on one real thread: a fiber runs until it waits for
// something or another one's turn comes at one of the places where a real thread could be interrupted (a lock
// that is taken, a thread that begins, a request). Which one goes on is the seed's choice.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "chance.h"
#include "fiber.h"
#include "moment.h"

namespace simulate {

/// The simulated program does not go on: a deadlock, or no end.
class Stuck : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Scheduler {
 public:
  explicit Scheduler(std::uint64_t seed);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// The one that exists; null outside a simulation. What stands in for the C library's functions asks it.
  static Scheduler* active();

  [[nodiscard]] Moment now() const { return now_; }
  Chance& chance() { return chance_; }

  /// To be done at that time, or at once where it has passed, between the fibers' turns.
  void at(Moment when, std::function<void()> event);
  /// A new simulated thread; its owner is the running one's where none is given.
  Fiber* spawn(std::function<void()> body, std::optional<int> owner = std::nullopt);
  /// Until `done` says so, which is asked between turns. Throws Stuck.
  void run(const std::function<bool()>& done);

  // For the running fiber; without one (in an event, or outside) they do nothing.

  /// Somebody else may go on here.
  void mayYield();
  /// Waits for wake(key), at most until the deadline; false where that came first.
  bool wait(const void* key, std::optional<Moment> deadline = std::nullopt);
  void sleep(Moment duration);
  /// Until `isReady`, which is asked whenever time is about to go on; false where the deadline came first.
  bool waitForFile(const std::function<bool()>& isReady, std::optional<Moment> deadline);
  void wake(const void* key, std::size_t most);
  void wakeAll(const void* key) { wake(key, fibers_.size()); }
  [[nodiscard]] Fiber* running() const { return running_; }
  /// Whose the running fiber is; kNobody for events.
  [[nodiscard]] int owner() const { return running_ != nullptr ? running_->owner : kNobody; }
  /// Joins an ended fiber, or leaves it to end alone.
  void join(Fiber* fiber);
  void detach(Fiber* fiber);
  [[nodiscard]] std::size_t fibers() const { return fibers_.size(); }

  static constexpr int kNobody = -1;
  /// A turn costs so much, so that who only looks at the clock sees it move.
  static constexpr Moment kTurn{1'000};
  /// More turns than any honest simulation takes.
  static constexpr std::uint64_t kMostTurns = 2'000'000;

 private:
  void turn(Fiber* fiber);
  void wakeDue();
  /// Wakes those whose files are ready.
  bool lookAtFiles();
  /// To the next event or deadline.
  void goOn();
  void remove(Fiber* fiber);
  [[nodiscard]] std::string whoWaits() const;

  Chance chance_;
  unsigned yieldPermille_;
  Moment now_{0};
  std::uint64_t turns_ = 0;
  std::size_t begun_ = 0;
  std::uint64_t events_ = 0;
  std::map<std::pair<Moment, std::uint64_t>, std::function<void()>> agenda_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> ready_;
  std::map<Fiber*, const std::function<bool()>*> files_;
  Fiber* running_ = nullptr;
};

}  // namespace simulate

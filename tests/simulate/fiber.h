#pragma once

// One simulated thread: a stack of its own on the process's only real thread, and what C++ and the sanitizers
// keep for each thread.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <ucontext.h>

#include "moment.h"

namespace simulate {

class Fiber {
 public:
  /// Runs `body` on the first switchTo(). `number` names it in histories, `owner` is whose it is: the replica
  /// that began it, and all that it begins.
  Fiber(std::size_t number, int owner, std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// From the scheduler to the fiber, until it calls switchBack() or ends.
  void switchTo();
  /// From the fiber to the scheduler.
  void switchBack();

  const std::size_t number;
  const int owner;
  bool done = false;
  bool detached = false;

  // while it waits
  const void* key = nullptr;       ///< what it waits for; null: it does not
  std::optional<Moment> deadline;  ///< when it stops waiting
  bool woken = false;              ///< by wake(), not by the deadline
  bool polls = false;              ///< for a file descriptor: looked at by itself before time goes on

  static constexpr std::size_t kStackBytes = std::size_t{1} << 20;

 private:
  struct PerThread;
  static void entry();

  std::function<void()> body_;
  void* stack_ = nullptr;
  ucontext_t context_{};
  ucontext_t scheduler_{};
  std::unique_ptr<PerThread> own_;
};

}  // namespace simulate

#include "fiber.h"

#include <cerrno>
#include <cstdlib>
#include <new>
#include <utility>

#include <cxxabi.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(SIMULATE_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace simulate {
namespace {

/// What the C++ runtime keeps of exceptions for each thread (Itanium C++ ABI, 2.2.2).
struct ExceptionGlobals {
  void* caught = nullptr;
  unsigned uncaught = 0;
};

ExceptionGlobals& threadsExceptions() {
  return *reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals());
}

Fiber* g_starting = nullptr;  // the one whose first switch is under way

}  // namespace

/// Of the side that does not run: the fiber's while the scheduler runs, and the other way round.
struct Fiber::PerThread {
  ExceptionGlobals exceptions;
  int error = 0;
#if defined(__SANITIZE_ADDRESS__)
  void* fakeStack = nullptr;  // the fiber's
  void* schedulersFakeStack = nullptr;
  const void* schedulersStack = nullptr;
  std::size_t schedulersSize = 0;
#endif
#if defined(SIMULATE_TSAN)
  void* tsan = nullptr;
  void* schedulersTsan = nullptr;
#endif

  void swap() {
    std::swap(exceptions, threadsExceptions());
    std::swap(error, errno);
  }
};

Fiber::Fiber(std::size_t theNumber, int theOwner, std::function<void()> body)
    : number(theNumber), owner(theOwner), body_(std::move(body)), own_(std::make_unique<PerThread>()) {
  stack_ =
      mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack_ == MAP_FAILED) throw std::bad_alloc();
  getcontext(&context_);
  context_.uc_stack.ss_sp = stack_;
  context_.uc_stack.ss_size = kStackBytes;
  context_.uc_link = nullptr;
  makecontext(&context_, &Fiber::entry, 0);
#if defined(SIMULATE_TSAN)
  own_->tsan = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(stack_, kStackBytes);  // what stands there next is another's
#endif
#if defined(SIMULATE_TSAN)
  __tsan_destroy_fiber(own_->tsan);
#endif
  munmap(stack_, kStackBytes);
}

void Fiber::switchTo() {
  g_starting = this;
  own_->swap();
#if defined(SIMULATE_TSAN)
  own_->schedulersTsan = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(own_->tsan, 0);  // what is done in turns is no race
#endif
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&own_->schedulersFakeStack, stack_, kStackBytes);
#endif
  swapcontext(&scheduler_, &context_);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(own_->schedulersFakeStack, nullptr, nullptr);
#endif
  own_->swap();
}

void Fiber::switchBack() {
#if defined(SIMULATE_TSAN)
  __tsan_switch_to_fiber(own_->schedulersTsan, 0);
#endif
#if defined(__SANITIZE_ADDRESS__)
  // Without a place for it the fake stack of an ended fiber goes too.
  __sanitizer_start_switch_fiber(done ? nullptr : &own_->fakeStack, own_->schedulersStack,
                                 own_->schedulersSize);
#endif
  swapcontext(&context_, &scheduler_);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(own_->fakeStack, &own_->schedulersStack, &own_->schedulersSize);
#endif
}

void Fiber::entry() {
  Fiber& self = *g_starting;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &self.own_->schedulersStack, &self.own_->schedulersSize);
#endif
  self.body_();
  self.body_ = nullptr;
  self.done = true;
  self.switchBack();
  std::abort();  // nobody goes on with an ended fiber
}

}  // namespace simulate

// pthread_*, for the rooms and the C++ library: threads are fibers, and whoever waits gives the turn to
// another. Outside a simulation there is one thread only, and nothing to wait for.
//
// They stand in the program itself, so that the C++ library finds them before the C library's. A mutex keeps
// its state in the C library's own object (its fields of the same meaning); a condition variable is its
// address.

#include <cerrno>
#include <ctime>
#include <functional>
#include <type_traits>

#include <pthread.h>

#include "scheduler.h"
#include "sim_clock.h"
#include "stand_in.h"

namespace {

using simulate::Fiber;
using simulate::Moment;
using simulate::Scheduler;

int numberOf(const Fiber* fiber) { return fiber == nullptr ? -1 : static_cast<int>(fiber->number); }

bool isFree(const pthread_mutex_t* mutex, const Fiber* self) {
  const bool recursive = (mutex->__data.__kind & 3) == PTHREAD_MUTEX_RECURSIVE;
  return mutex->__data.__lock == 0 || (recursive && mutex->__data.__owner == numberOf(self));
}

void take(pthread_mutex_t* mutex, const Fiber* self) {
  mutex->__data.__lock = 1;
  mutex->__data.__owner = numberOf(self);
  ++mutex->__data.__count;
}

int waitOn(pthread_cond_t* condition, pthread_mutex_t* mutex, std::optional<Moment> deadline) {
  Scheduler* const world = Scheduler::active();
  if (world == nullptr || world->running() == nullptr) return deadline ? ETIMEDOUT : EDEADLK;
  pthread_mutex_unlock(mutex);
  const bool woken = world->wait(condition, deadline);
  pthread_mutex_lock(mutex);
  return woken ? 0 : ETIMEDOUT;
}

// Found at the first call, which may come before any constructor has run.
constinit simulate::RealOne<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>
    realPthreadCreate{"pthread_create"};
constinit simulate::RealOne<int(pthread_t, void**)> realPthreadJoin{"pthread_join"};
constinit simulate::RealOne<int(pthread_t)> realPthreadDetach{"pthread_detach"};
constinit simulate::RealOne<pthread_t()> realPthreadSelf{"pthread_self"};

}  // namespace

extern "C" {

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*function)(void*),
                   void* argument) {
  Scheduler* const world = Scheduler::active();
  if (world == nullptr) return realPthreadCreate(thread, attributes, function, argument);
  Fiber* const fiber = world->spawn([function, argument] { function(argument); });
  *thread = reinterpret_cast<pthread_t>(fiber);
  world->mayYield();
  return 0;
}

int pthread_join(pthread_t thread, void** result) {
  Scheduler* const world = Scheduler::active();
  if (world == nullptr) return realPthreadJoin(thread, result);
  auto* fiber = reinterpret_cast<Fiber*>(thread);
  if (result != nullptr) *result = nullptr;
  world->join(fiber);
  return 0;
}

int pthread_detach(pthread_t thread) {
  Scheduler* const world = Scheduler::active();
  if (world == nullptr) return realPthreadDetach(thread);
  world->detach(reinterpret_cast<Fiber*>(thread));
  return 0;
}

pthread_t pthread_self() {
  const Scheduler* const world = Scheduler::active();
  if (world != nullptr && world->running() != nullptr) return reinterpret_cast<pthread_t>(world->running());
  return realPthreadSelf();
}

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  Scheduler* const world = Scheduler::active();
  const Fiber* const self = world != nullptr ? world->running() : nullptr;
  if (self != nullptr) world->mayYield();
  while (!isFree(mutex, self)) {
    if (self == nullptr) return EDEADLK;
    (void)world->wait(mutex);
  }
  take(mutex, self);
  return 0;
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) {
  const Scheduler* const world = Scheduler::active();
  const Fiber* const self = world != nullptr ? world->running() : nullptr;
  if (!isFree(mutex, self)) return EBUSY;
  take(mutex, self);
  return 0;
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) {
  if (--mutex->__data.__count > 0) return 0;
  mutex->__data.__lock = 0;
  mutex->__data.__owner = 0;
  if (Scheduler* const world = Scheduler::active()) world->wake(mutex, 1);
  return 0;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  return waitOn(condition, mutex, std::nullopt);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
  return waitOn(condition, mutex, simulate::momentOf(clock, *until));
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  return waitOn(condition, mutex, simulate::momentOf(CLOCK_REALTIME, *until));
}

int pthread_cond_signal(pthread_cond_t* condition) {
  if (Scheduler* const world = Scheduler::active()) world->wake(condition, 1);
  return 0;
}

int pthread_cond_broadcast(pthread_cond_t* condition) {
  if (Scheduler* const world = Scheduler::active()) world->wakeAll(condition);
  return 0;
}

int pthread_once(pthread_once_t* once, void (*function)()) {
  constexpr int kUnderWay = 1;
  constexpr int kDone = 2;
  while (__atomic_load_n(once, __ATOMIC_ACQUIRE) == kUnderWay) {
    Scheduler* const world = Scheduler::active();
    if (world == nullptr || !world->wait(once)) return EDEADLK;
  }
  if (*once == kDone) return 0;
  *once = kUnderWay;
  const auto ended = [&](int state) {
    __atomic_store_n(once, state, __ATOMIC_RELEASE);
    if (Scheduler* const world = Scheduler::active()) world->wakeAll(once);
  };
  try {
    function();
  } catch (...) {
    ended(0);
    throw;
  }
  ended(kDone);
  return 0;
}

}  // extern "C"

// Clocks, sleeping, waiting for files, futexes and random numbers of the C library, of OpenSSL and of C++, as
// the simulation has them: all of them follow from the seed.

#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>
#include <ctime>
#include <optional>
#include <random>
#include <type_traits>

#include <linux/futex.h>
#include <openssl/rand.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "scheduler.h"
#include "sim_clock.h"
#include "stand_in.h"

namespace {

using simulate::Moment;
using simulate::Scheduler;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// A Thursday in 2026, and a machine that was started some hours ago.
constexpr seconds kWallClock{1'790'000'000};
constexpr seconds kSteadyClock{10'000};

nanoseconds durationOf(const timespec& time) { return seconds(time.tv_sec) + nanoseconds(time.tv_nsec); }

timespec timespecOf(nanoseconds time) {
  const auto whole = std::chrono::floor<seconds>(time);
  return {static_cast<time_t>(whole.count()), static_cast<long>((time - whole).count())};
}

bool isSimulated(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME_COARSE ||
         clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_BOOTTIME;
}

Scheduler* worldOfFibers() {
  Scheduler* const world = Scheduler::active();
  return world != nullptr && world->running() != nullptr ? world : nullptr;
}

long waitOnFutex(Scheduler& world, const int* word, int expected, std::optional<Moment> deadline) {
  if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != expected) {
    errno = EAGAIN;
    return -1;
  }
  if (world.wait(word, deadline)) return 0;
  errno = ETIMEDOUT;
  return -1;
}

long futex(Scheduler& world, const int* word, int operation, int value, const timespec* time) {
  const clockid_t clock = (operation & FUTEX_CLOCK_REALTIME) != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
  switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT: {
      const auto deadline = time != nullptr ? std::optional(world.now() + durationOf(*time)) : std::nullopt;
      return waitOnFutex(world, word, value, deadline);
    }
    case FUTEX_WAIT_BITSET: {
      const auto deadline = time != nullptr ? std::optional(simulate::momentOf(clock, *time)) : std::nullopt;
      return waitOnFutex(world, word, value, deadline);
    }
    case FUTEX_WAKE:
      world.wake(word, static_cast<std::size_t>(value));
      return 0;
    default:
      errno = ENOSYS;
      return -1;
  }
}

int fillAll(unsigned char* bytes, int count) {
  static simulate::Chance beforeTheWorld(0);
  Scheduler* const world = Scheduler::active();
  (world != nullptr ? world->chance() : beforeTheWorld).fill(bytes, static_cast<std::size_t>(count));
  return 1;
}

// Found at the first call, which may come before any constructor has run.
constinit simulate::RealOne<long(long, long, long, long, long, long, long)> realSyscall{"syscall"};
constinit simulate::RealOne<int(clockid_t, timespec*)> realClockGettime{"clock_gettime"};
constinit simulate::RealOne<int(const timespec*, timespec*)> realNanosleep{"nanosleep"};
constinit simulate::RealOne<int(pollfd*, nfds_t, int)> realPoll{"poll"};

}  // namespace

namespace simulate {

Moment beginOf(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? kWallClock : kSteadyClock;
}

Moment momentOf(clockid_t clock, const timespec& time) {
  constexpr seconds kEndless{1'000'000'000'000};  // std::chrono's latest moments, which no sum may overflow
  if (time.tv_sec > kEndless.count()) return nanoseconds::max() / 2;
  return durationOf(time) - beginOf(clock);
}

}  // namespace simulate

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const Scheduler* const world = Scheduler::active();
  if (world == nullptr || !isSimulated(clock)) return realClockGettime(clock, time);
  *time = timespecOf(simulate::beginOf(clock) + world->now());
  return 0;
}

time_t time(time_t* result) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

int nanosleep(const timespec* duration, timespec* left) {
  Scheduler* const world = worldOfFibers();
  if (world == nullptr) return realNanosleep(duration, left);
  world->sleep(durationOf(*duration));
  return 0;
}

int poll(pollfd* files, nfds_t count, int timeout) {
  Scheduler* const world = worldOfFibers();
  if (world == nullptr) return realPoll(files, count, timeout);
  int ready = 0;
  const auto isReady = [&] {
    ready = realPoll(files, count, 0);
    return ready != 0;
  };
  const auto deadline =
      timeout < 0 ? std::nullopt : std::optional(world->now() + std::chrono::milliseconds(timeout));
  return world->waitForFile(isReady, deadline) ? ready : 0;
}

/// What the C++ library waits with, for std::atomic and std::future.
long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  Scheduler* const world = worldOfFibers();
  if (world != nullptr && number == SYS_futex) {
    return futex(*world, reinterpret_cast<const int*>(arguments[0]), static_cast<int>(arguments[1]),
                 static_cast<int>(arguments[2]), reinterpret_cast<const timespec*>(arguments[3]));
  }
  return realSyscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                     arguments[5]);
}

int RAND_bytes(unsigned char* bytes, int count) { return fillAll(bytes, count); }
int RAND_priv_bytes(unsigned char* bytes, int count) { return fillAll(bytes, count); }

}  // extern "C"

/// Backoff and jitter are seeded by it.
std::random_device::result_type std::random_device::_M_getval() {
  result_type value = 0;
  fillAll(reinterpret_cast<unsigned char*>(&value), sizeof value);
  return value;
}

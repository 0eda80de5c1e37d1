#include "client/side_by_side.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <system_error>
#include <thread>
#include <vector>

namespace hydra_clients {

std::size_t threadsFor(std::size_t count) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  return std::min({cores, kMostCores, 1 + count / kNumbersPerThread});
}

void sideBySide(std::size_t count, std::size_t threads, const std::function<bool()>& goOn,
                const std::function<bool(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stopped = false;
  const auto step = [&] {
    const std::size_t number = stopped ? count : next++;
    if (number >= count) return false;
    if (!work(number)) stopped = true;
    return true;
  };
  std::vector<std::future<void>> others;  // each is waited for, whatever is thrown
  others.reserve(threads);
  try {
    while (others.size() + 1 < std::min(threads, count)) {
      others.push_back(std::async(std::launch::async, [&] {
        while (step()) {
        }
      }));
    }
  } catch (const std::system_error&) {  // no more threads are to be had: those that are will do
  }
  try {
    while (goOn() && step()) {
    }
  } catch (...) {
    stopped = true;
    throw;
  }
  if (next < count) stopped = true;
  for (std::future<void>& other : others) other.get();
}

}  // namespace hydra_clients

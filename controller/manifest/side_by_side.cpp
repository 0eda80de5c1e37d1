#include "manifest/side_by_side.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace hydra_clients::manifest {

void sideBySide(std::size_t count, const std::function<bool()>& goOn,
                const std::function<bool(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stopped = false;
  const auto step = [&] {
    const std::size_t number = stopped ? count : next++;
    if (number >= count) return false;
    if (!work(number)) stopped = true;
    return true;
  };
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t threads = std::min({cores, kMostReaders, 1 + count / kNumbersPerThread});
  std::vector<std::future<void>> others;  // each is waited for, whatever is thrown
  others.reserve(threads);
  while (others.size() + 1 < threads) {
    others.push_back(std::async(std::launch::async, [&] {
      while (step()) {
      }
    }));
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

}  // namespace hydra_clients::manifest

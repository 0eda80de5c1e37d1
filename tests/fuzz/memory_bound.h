#pragma once

#include <cstddef>

namespace hydra_clients::fuzz {

/// Holds the code under it to a multiple of its input. Counts what malloc and operator new give and what is
/// given back, on every thread; at its end the most that was held at once, beyond what was held when it was
/// made, must be at most `fixedBytes + multiple * inputBytes`. One at a time.
class MemoryBound {
 public:
  MemoryBound(std::size_t inputBytes, std::size_t multiple, std::size_t fixedBytes = kFixedBytes);
  MemoryBound(const MemoryBound&) = delete;
  MemoryBound& operator=(const MemoryBound&) = delete;
  ~MemoryBound();

  /// What any input costs, an empty one too.
  static constexpr std::size_t kFixedBytes = 64 << 10;

 private:
  std::size_t inputBytes_;
  std::size_t most_;
};

}  // namespace hydra_clients::fuzz

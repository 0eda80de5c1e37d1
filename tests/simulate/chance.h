#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace simulate {

/// What a seed decides: the same seed gives the same numbers on every machine (xorshift64*, seeded by
/// splitmix64).
class Chance {
 public:
  explicit Chance(std::uint64_t seed);

  std::uint64_t next();
  /// In [least, most], both included.
  std::uint64_t between(std::uint64_t least, std::uint64_t most);
  /// True so many times of a thousand.
  bool permille(unsigned times);
  bool coin() { return permille(500); }
  template <typename Item>
  const Item& oneOf(const std::vector<Item>& items) {
    return items[static_cast<std::size_t>(between(0, items.size() - 1))];
  }
  void fill(unsigned char* bytes, std::size_t count);

 private:
  std::uint64_t state_;
};

}  // namespace simulate

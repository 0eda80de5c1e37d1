#pragma once

#include <cstddef>
#include <functional>

namespace hydra_clients {

/// Does `work` for each number below `count`, on this thread and up to `threads` - 1 more for as long as the
/// call lasts. `work` must bear that; it says whether to go on, and after the first "no" no further number is
/// begun. `goOn` is asked on the calling thread alone. An exception of `work` is thrown here, when all
/// threads have ended. Where no more threads can be had, those that are there do all of it.
void sideBySide(std::size_t count, std::size_t threads, const std::function<bool()>& goOn,
                const std::function<bool(std::size_t)>& work);

/// How many threads are of use where each number costs the processor some microseconds: no more than cores.
[[nodiscard]] std::size_t threadsFor(std::size_t count);

inline constexpr std::size_t kMostCores = 4;          ///< threads, the calling one included
inline constexpr std::size_t kNumbersPerThread = 64;  ///< below that a thread costs more than it saves

}  // namespace hydra_clients

#pragma once

#include <cstddef>
#include <functional>

namespace hydra_clients::manifest {

/// Does `work` for each number below `count`, on this thread and, where there is enough to do, on a few more
/// for as long as the call lasts. `work` must bear that; it says whether to go on, and after the first "no"
/// no further number is begun. `goOn` is asked on the calling thread alone. An exception of `work` is thrown
/// here, when all threads have ended.
void sideBySide(std::size_t count, const std::function<bool()>& goOn,
                const std::function<bool(std::size_t)>& work);

inline constexpr std::size_t kMostReaders = 4;        ///< threads, this one included
inline constexpr std::size_t kNumbersPerThread = 64;  ///< below that a thread costs more than it saves

}  // namespace hydra_clients::manifest

#include "cli/large_buffers.h"

#include <mutex>

#include <malloc.h>

namespace hydra_clients::cli {
namespace {

/// Sizes from which on memory is mapped for one buffer alone, and what of a heap's free end is kept.
[[maybe_unused]] void setThresholds(int mapped, int kept) {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, mapped);
  ::mallopt(M_TRIM_THRESHOLD, kept);
#endif
}

}  // namespace

void giveLargeBuffersBack() { setThresholds(256 << 10, 128 << 10); }

void shareOneHeap() {
#ifdef __GLIBC__
  ::mallopt(M_ARENA_MAX, 1);
#endif
}

void keepLargeBuffers() {
  static std::once_flag once;
  std::call_once(once, [] {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
    setThresholds(8 << 20, 4 << 20);
  });
}

}  // namespace hydra_clients::cli

#include "memory_bound.h"

#include <atomic>
#include <cstdint>
#include <string>

#include <sanitizer/allocator_interface.h>

#include "property.h"

namespace hydra_clients::fuzz {
namespace {

std::atomic<std::int64_t> held{0};
std::atomic<std::int64_t> mostHeld{0};

void onMalloc(const volatile void*, std::size_t size) {
  const std::int64_t now = held += static_cast<std::int64_t>(size);
  std::int64_t most = mostHeld;
  while (now > most && !mostHeld.compare_exchange_weak(most, now)) {
  }
}

void onFree(const volatile void* block) {
  if (block == nullptr) return;
  held -= static_cast<std::int64_t>(__sanitizer_get_allocated_size(block));
}

}  // namespace

MemoryBound::MemoryBound(std::size_t inputBytes, std::size_t multiple, std::size_t fixedBytes)
    : inputBytes_(inputBytes), most_(fixedBytes + multiple * inputBytes) {
  [[maybe_unused]] static const int installed = __sanitizer_install_malloc_and_free_hooks(onMalloc, onFree);
  require(installed != 0, "the sanitizer counts what is allocated");
  held = 0;
  mostHeld = 0;
}

MemoryBound::~MemoryBound() {
  const auto most = static_cast<std::size_t>(mostHeld.load());
  require(most <= most_, "memory stays within a multiple of the input",
          std::to_string(most) + " bytes held at once for an input of " + std::to_string(inputBytes_));
}

}  // namespace hydra_clients::fuzz

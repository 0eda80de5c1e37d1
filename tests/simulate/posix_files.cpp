// The calls that change files, which a disk may refuse.

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <type_traits>
#include <utility>

#include <sys/types.h>
#include <unistd.h>

#include "disk.h"
#include "stand_in.h"

namespace {

std::function<int()>& faults() {
  static std::function<int()> errorNow;
  return errorNow;
}

/// True, with errno, where the call is not made.
bool fails() {
  const int error = faults() ? faults()() : 0;
  if (error != 0) errno = error;
  return error != 0;
}

// Found at the first call, which may come before any constructor has run.
constinit simulate::RealOne<int(int)> realFsync{"fsync"};
constinit simulate::RealOne<int(int, const char*, int, const char*, unsigned)> realRenameat2{"renameat2"};
constinit simulate::RealOne<int(int, const char*, int)> realUnlinkat{"unlinkat"};
constinit simulate::RealOne<int(int, off_t)> realFtruncate{"ftruncate"};

}  // namespace

void simulate::setDiskFaults(std::function<int()> errorNow) { faults() = std::move(errorNow); }

extern "C" {

int fsync(int file) {
  if (!faults()) return realFsync(file);
  return fails() ? -1 : 0;
}

int renameat2(int fromFolder, const char* from, int toFolder, const char* to, unsigned flags) noexcept {
  return fails() ? -1 : realRenameat2(fromFolder, from, toFolder, to, flags);
}

int unlinkat(int folder, const char* name, int flags) noexcept {
  return fails() ? -1 : realUnlinkat(folder, name, flags);
}

int ftruncate(int file, off_t size) noexcept { return fails() ? -1 : realFtruncate(file, size); }

}  // extern "C"

#pragma once

#include <cstdlib>

#include <unistd.h>

namespace hydra_clients::test {

/// For root, who may read everything: another user for a while.
class NotRoot {
 public:
  NotRoot() {
    if (wasRoot_ && ::seteuid(kNobody) != 0) std::abort();
  }
  NotRoot(const NotRoot&) = delete;
  NotRoot& operator=(const NotRoot&) = delete;
  ~NotRoot() {
    if (wasRoot_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  static constexpr uid_t kNobody = 65534;
  bool wasRoot_ = ::geteuid() == 0;
};

}  // namespace hydra_clients::test

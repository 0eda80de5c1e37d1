#include "client/wake_up.h"

#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

namespace hydra_clients {

WakeUp::WakeUp(const std::stop_token& stop)
    : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), onStop_(stop, Ring{event_.get()}) {}

void WakeUp::Ring::operator()() const {
  const std::uint64_t one = 1;
  (void)!::write(event, &one, sizeof one);
}

}  // namespace hydra_clients

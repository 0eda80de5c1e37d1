#pragma once

#include <stop_token>

#include "client/file_descriptor.h"

namespace hydra_clients {

/// Ends a poll() of another thread: its descriptor is readable from the moment that `stop` is requested.
class WakeUp {
 public:
  explicit WakeUp(const std::stop_token& stop);

  [[nodiscard]] int fd() const { return event_.get(); }

 private:
  struct Ring {
    int event;
    void operator()() const;
  };
  FileDescriptor event_;
  std::stop_callback<Ring> onStop_;
};

}  // namespace hydra_clients

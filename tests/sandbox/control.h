// The sandbox's own paths, /sandbox/…, which no Hydra has: faults, counts, preloading, reset. README.md lists
// them.
#pragma once

#include <cstdint>

#include "message.h"

namespace sandbox {

class Service;

class Control {
 public:
  Control(Service& service, std::uint64_t connection) : service_(service), connection_(connection) {}
  static bool owns(const Request& request);
  Response handle(const Request& request);

 private:
  Response faults(const Request& request);
  Response clients(const Request& request);
  Response generate(const Request& request);
  Response preload(const Request& request);
  Response state() const;
  void reset();

  Service& service_;
  std::uint64_t connection_;  // that the request came on
};

}  // namespace sandbox

#pragma once

// The options of a connection that nothing is special about.

#include <string>

#include "hydra/endpoint.h"

namespace hydra_clients::test {

inline hydra::ConnectionOptions connectionTo(const std::string& endpoint) {
  hydra::ConnectionOptions options;
  options.endpoint = hydra::Endpoint::parse(endpoint).value();
  return options;
}

}  // namespace hydra_clients::test

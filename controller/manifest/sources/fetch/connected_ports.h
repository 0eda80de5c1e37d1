#pragma once

#include <cstdint>
#include <vector>

namespace hydra_clients::manifest {

/// The ports that this process is connected to by TCP, on whatever hosts. For a process with few descriptors.
[[nodiscard]] std::vector<std::uint16_t> connectedPorts();

}  // namespace hydra_clients::manifest

#pragma once

#include <string>

namespace hydra_clients {

/// What an errno means for a file or a folder that this program keeps things in, and what to do: "the disk is
/// full (No space left on device): make room on it". Fits behind "… cannot be written: ". Thread-safe.
[[nodiscard]] std::string fileError(int error);

}  // namespace hydra_clients

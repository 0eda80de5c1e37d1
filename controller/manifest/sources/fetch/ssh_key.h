#pragma once

#include <string>

namespace hydra_clients::manifest {

/// What may be wrong with a private key that a server does not take, in words that follow its name; "" where
/// nothing is to be seen.
[[nodiscard]] std::string hintForKey(const std::string& file);

}  // namespace hydra_clients::manifest

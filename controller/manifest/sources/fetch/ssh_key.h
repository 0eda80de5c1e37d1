#pragma once

#include <string>

#include <tl/expected.hpp>

namespace hydra_clients::manifest {

/// Whether a file holds a private key that can be used here: one that is not encrypted. The error follows the
/// file's name.
[[nodiscard]] tl::expected<void, std::string> checkKey(const std::string& file);

/// What may be wrong with a private key that a server does not take, in words that follow its name; "" where
/// nothing is to be seen.
[[nodiscard]] std::string hintForKey(const std::string& file);

}  // namespace hydra_clients::manifest

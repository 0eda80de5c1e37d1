#pragma once

#include "client/secret.h"

namespace hydra_clients::secrets {

/// A client secret in Hydra's own form: 26 characters of [a-zA-Z0-9_.~-], about 157 bits, from OpenSSL's
/// cryptographic source, without modulo bias. Throws std::runtime_error where that source fails. Thread-safe.
[[nodiscard]] Secret generateClientSecret();

}  // namespace hydra_clients::secrets

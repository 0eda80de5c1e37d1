#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace hydra_clients::secrets {

/// How GnuPG is run.
struct PgpOptions {
  std::string gpg;  ///< path of the gpg binary; empty: where GPGME finds it
  std::vector<std::string>
      homeBases;  ///< where the GNUPGHOME may stand; empty: memory first (private_home.h)
  std::chrono::milliseconds timeout{30'000};  ///< of one call of gpg, which is then given up
};

}  // namespace hydra_clients::secrets

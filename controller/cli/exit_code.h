#pragma once

namespace hydra_clients::cli {

/// What a shell or a CI job may rely on (design §3).
inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kDiffers = 2;      ///< `plan`: not everything is in sync
inline constexpr int kUsageError = 64;  ///< of any command; EX_USAGE of sysexits(3)

}  // namespace hydra_clients::cli

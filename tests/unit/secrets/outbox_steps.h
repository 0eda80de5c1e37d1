#pragma once

// What outbox-steps and its tests agree on.

namespace hydra_clients::secrets::test {

inline constexpr const char* kSealed =
    "-----BEGIN PGP MESSAGE-----\n\naGVsbG8gd29ybGQ=\n=abcd\n-----END PGP MESSAGE-----\n";
/// Imports of "app": one that was not the one, and the one that Hydra has.
inline constexpr const char* kStale = "0f0e3f6c-2222-4222-8222-000000000001";
inline constexpr const char* kLive = "0f0e3f6c-2222-4222-8222-000000000002";
/// An import of "shop", which Hydra refused.
inline constexpr const char* kRefused = "0f0e3f6c-2222-4222-8222-000000000003";

}  // namespace hydra_clients::secrets::test

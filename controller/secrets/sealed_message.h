#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "client/client_id.h"

namespace hydra_clients::secrets {

/// What stands in the head of a sealed secret, for whoever finds the file.
struct SealedFacts {
  ClientId id;
  std::string stamp;  ///< the random UUID of the import that the secret was made for
  std::chrono::system_clock::time_point sealed;  ///< whole seconds are kept
  std::vector<std::string> recipients;           ///< fingerprints of primary keys, in upper-case hex
};

/// The most that a message with its head may have: 400 recipients with RSA keys of 4096 bits take 300 KiB.
inline constexpr std::size_t kMaxSealedBytes = 1U << 20;
/// Of one line of the head. gpg reads lines of up to 20,000 bytes (GnuPG 2.2.40: g10/armor.c, MAX_LINELEN).
inline constexpr std::size_t kMaxSealedLineBytes = 16U << 10;

/// Whether the text is a UUID in lower case, as randomUuid() makes them.
[[nodiscard]] bool isStamp(std::string_view text);

/// An ASCII-armored PGP message with the facts as armor headers (RFC 4880 §6.2: "Comment: …", which gpg
/// passes over), in ASCII:
///
///     -----BEGIN PGP MESSAGE-----
///     Comment: client_id "app"
///     Comment: import 0f0e3f6c-…
///     Comment: sealed 2026-01-31T08:15:00Z
///     Comment: recipient 52CB…
///
/// The error says why that cannot be: it is no such message, a fact does not fit, or it is too large.
[[nodiscard]] tl::expected<std::string, std::string> withFacts(std::string_view armored,
                                                               const SealedFacts& facts);

/// The facts of such a message. The error fits behind the file's name: "is not a PGP message", "is cut
/// short". What stands between head and end is not looked at.
[[nodiscard]] tl::expected<SealedFacts, std::string> factsOf(std::string_view message);

}  // namespace hydra_clients::secrets

#pragma once

// What is inside a `client_secret_from` PGP message: a secret bound to its client, so that a message that was
// copied to another manifest gives nothing away (design §6).

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "client/secret.h"

namespace hydra_clients::secrets {

/// The largest secret that a message or a file may hold.
inline constexpr std::size_t kMaxSecretBytes = 16 << 10;
/// The largest payload: as JSON a byte of the secret may take six, and an id stands beside it.
inline constexpr std::size_t kMaxPayloadBytes = 8 * kMaxSecretBytes;

/// `{"client_id": …, "client_secret": …}`. Both are UTF-8.
[[nodiscard]] Secret makePayload(std::string_view clientId, const Secret& secret);

/// The secret of a payload that is for this client; else why it is none, in words that follow "the PGP
/// message
/// ". Strict: exactly these two members, both strings. Never quotes the payload.
[[nodiscard]] tl::expected<Secret, std::string> openPayload(const Secret& payload, std::string_view clientId);

}  // namespace hydra_clients::secrets

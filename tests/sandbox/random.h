// What Hydra makes up: secrets, ids, tokens.
#pragma once

#include <cstddef>
#include <string>

namespace sandbox {

std::string random_bytes(std::size_t count);
/// x.GenerateSecret(26): 26 of a-z A-Z 0-9 - _ . ~
std::string random_secret();
std::string random_uuid();
/// Of the form of Hydra's HMAC tokens, with the prefix of v2 where `prefixed`.
std::string random_access_token(bool prefixed);

}  // namespace sandbox

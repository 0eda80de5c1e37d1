#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hydra_clients {

/// RFC 4648 §4, with padding and without line breaks.
[[nodiscard]] std::string base64(std::string_view bytes);

/// The bytes; nullopt where the text is anything else than base64() gives.
[[nodiscard]] std::optional<std::string> decodeBase64(std::string_view text);

}  // namespace hydra_clients

#pragma once

#include <string>
#include <string_view>

namespace hydra_clients {

/// Whether a character is one that a terminal obeys, that ends a line or that turns the direction of what
/// stands beside it: U+0000 to U+001F, U+007F to U+009F, line separators, characters of direction.
[[nodiscard]] bool isObeyed(char32_t point);

/// The text, fit to stand within a line that people read: it stays one line, sends a terminal no commands,
/// and does not turn the direction of what stands beside it. Characters that are obeyed and bytes that are
/// not UTF-8 are shown as \xNN.
[[nodiscard]] std::string onOneLine(std::string_view text);

}  // namespace hydra_clients

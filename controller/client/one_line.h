#pragma once

#include <string>
#include <string_view>

namespace hydra_clients {

/// The text, fit to stand within a line that people read: it stays one line, sends a terminal no commands,
/// and does not turn the direction of what stands beside it. Control characters (U+0000 to U+001F, U+007F to
/// U+009F), line separators, characters of direction and bytes that are not UTF-8 are shown as \xNN.
[[nodiscard]] std::string onOneLine(std::string_view text);

}  // namespace hydra_clients

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hydra_clients::manifest {

/// The first character that is no printable one of ASCII (RFC 6749 appendix A: VSCHAR). The text is UTF-8.
[[nodiscard]] std::optional<char32_t> firstUnprintable(std::string_view text);

/// The first character that nobody sees where it stands, or that turns the direction of others: two texts
/// that differ in it alone look the same. The text is UTF-8.
[[nodiscard]] std::optional<char32_t> firstUnseen(std::string_view text);

/// "U+202E".
[[nodiscard]] std::string nameOf(char32_t character);

}  // namespace hydra_clients::manifest

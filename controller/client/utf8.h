#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hydra_clients {

/// Length of the UTF-8 sequence (RFC 3629: no overlong forms, no surrogates) at the text's start, 1 to 4; 0
/// where there is none.
[[nodiscard]] std::size_t utf8Length(std::string_view text);

/// The code point of one sequence, as utf8Length() measures it.
[[nodiscard]] char32_t codePointOf(std::string_view sequence);

/// Whether the byte goes on with a sequence that began before it.
[[nodiscard]] inline bool isUtf8Continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Offset of the first byte that is not valid UTF-8, or npos.
[[nodiscard]] std::size_t firstInvalidUtf8(std::string_view text);

/// The text with U+FFFD in the place of every byte that is not valid UTF-8.
[[nodiscard]] std::string withoutInvalidUtf8(std::string_view text);

}  // namespace hydra_clients

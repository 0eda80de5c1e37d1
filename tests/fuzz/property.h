#pragma once

// What the fuzz targets assert: a property that does not hold ends the program, which libFuzzer reports as a
// crash of the input.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hydra_clients::fuzz {

/// Ends the program where it does not hold. `property` is a sentence; `seen` what was found instead.
void require(bool holds, std::string_view property, std::string_view seen = {});
/// require(one == other), showing both.
void requireEqual(std::string_view one, std::string_view other, std::string_view property);

/// Whether people may be shown it as it is: valid UTF-8 on one line, without control characters.
[[nodiscard]] bool isOneLine(std::string_view text);

/// Between the parts of an input that has several. No JSON text holds it (RFC 7464 chose it for that).
inline constexpr char kPartSeparator = '\x1e';
/// At most `most` parts; the last one is the rest.
[[nodiscard]] std::vector<std::string_view> partsOf(std::string_view input, std::size_t most);

[[nodiscard]] inline std::string_view asText(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace hydra_clients::fuzz

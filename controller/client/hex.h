#pragma once

#include <string>
#include <string_view>

namespace hydra_clients {

inline constexpr std::string_view kLowerHex = "0123456789abcdef";
inline constexpr std::string_view kUpperHex = "0123456789ABCDEF";

/// Appends the two digits of a byte.
inline void appendHex(std::string& out, char byte, std::string_view digits = kLowerHex) {
  out += digits[static_cast<unsigned char>(byte) >> 4U];
  out += digits[static_cast<unsigned char>(byte) & 0xFU];
}

/// All bytes in lower-case digits.
[[nodiscard]] inline std::string hex(std::string_view bytes) {
  std::string digits;
  digits.reserve(bytes.size() * 2);
  for (const char byte : bytes) appendHex(digits, byte);
  return digits;
}

/// What a hexadecimal digit of either case stands for; -1 where it is none.
[[nodiscard]] constexpr int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace hydra_clients

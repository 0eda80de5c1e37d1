#include "random.h"

#include <string_view>

#include <openssl/rand.h>

#include "go_text.h"

namespace sandbox {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count));
  return bytes;
}

std::string random_secret() {
  static constexpr std::string_view kAlphabet =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
  std::string secret;
  for (const char c : random_bytes(26)) secret += kAlphabet[static_cast<unsigned char>(c) % kAlphabet.size()];
  return secret;
}

std::string random_uuid() {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string bytes = random_bytes(16);
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0FU) | 0x40U);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3FU) | 0x80U);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

std::string random_access_token(bool prefixed) {
  return (prefixed ? "ory_at_" : "") + encode_base64url(random_bytes(32)) + "." +
         encode_base64url(random_bytes(32));
}

}  // namespace sandbox

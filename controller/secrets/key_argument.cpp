// What stands around a key on the command line: base64, and Keybase's address.

#include <array>
#include <cstdint>

#include "client/client_id.h"
#include "secrets/pgp.h"

namespace hydra_clients::secrets {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kMaxKeyArgumentBytes =
    2 * kMaxKeyBytes;  // four characters for three bytes, and line breaks

constexpr int kNoDigit = -1;

constexpr std::array<int, 256> decodingTable() {
  std::array<int, 256> table{};
  table.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int>(i);
  }
  return table;
}

bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

tl::unexpected<std::string> notBase64(const std::string& why) {
  return tl::make_unexpected(
      "the key is not base64: " + why +
      "; make it with: gpg --armor --export KEY | base64 -w0, or name the key's file by "
      "--pgp-key-file");
}

}  // namespace

tl::expected<std::string, std::string> decodeKeyArgument(std::string_view base64) {
  static constexpr auto kDecode = decodingTable();
  if (base64.size() > kMaxKeyArgumentBytes) return notBase64("it is larger than a key can be");
  if (base64.find("-----BEGIN") != std::string_view::npos) {
    return notBase64("it is the armored key itself, which must be base64-encoded once more");
  }
  std::string bytes;
  std::uint32_t bits = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (std::size_t i = 0; i < base64.size(); ++i) {
    const char c = base64[i];
    if (isSpace(c)) continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int value = kDecode[static_cast<unsigned char>(c)];
    if (value == kNoDigit) return notBase64("character " + std::to_string(i + 1) + " is not of its alphabet");
    if (padding > 0) return notBase64("something follows its padding");
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    if (++digits % 4 != 1) bytes.push_back(static_cast<char>((bits >> ((4 - digits % 4) % 4 * 2)) & 0xff));
  }
  if (digits == 0) return notBase64("it is empty");
  // Padding may be missing (it carries nothing), but not be wrong.
  const bool whole = digits % 4 != 1 && (padding == 0 || (digits + padding) % 4 == 0) && padding < 3;
  if (!whole) return notBase64("its length is wrong, so a part of it is missing");
  return bytes;
}

std::string base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = (bits << 8) | (j < group.size() ? static_cast<unsigned char>(group[j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text.push_back(j <= group.size() ? kAlphabet[(bits >> (18 - 6 * j)) & 63] : '=');
    }
  }
  return text;
}

std::string keybaseUrl(std::string_view base, std::string_view user) {
  while (!base.empty() && base.back() == '/') base.remove_suffix(1);
  std::string name;
  // A dot is encoded too: the names "." and ".." would otherwise be steps in the path.
  for (const char c : percentEncode(user)) name += c == '.' ? std::string("%2E") : std::string(1, c);
  return std::string(base) + "/" + name + "/pgp_keys.asc";
}

}  // namespace hydra_clients::secrets

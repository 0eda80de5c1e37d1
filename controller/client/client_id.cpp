#include "client/client_id.h"

#include <array>
#include <stdexcept>

#include <openssl/rand.h>
#include <openssl/sha.h>

#include "client/hex.h"

namespace hydra_clients {
namespace {

constexpr std::size_t kLongestFileName = 200;
constexpr std::size_t kLongNamePrefix = 100;

bool isUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

/// What OpenSSL fills, as text.
template <typename Bytes>
std::string_view asText(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string percentEncode(std::string_view bytes) {
  std::string encoded;
  encoded.reserve(bytes.size());
  for (const char c : bytes) {
    if (isUnreserved(c)) {
      encoded += c;
    } else {
      encoded += '%';
      appendHex(encoded, c, kUpperHex);
    }
  }
  return encoded;
}

std::string fileNameOf(std::string_view clientId) {
  std::string name = percentEncode(clientId);
  if (name.starts_with('.')) name.replace(0, 1, "%2E");
  if (name.size() <= kLongestFileName) return name;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(clientId.data()), clientId.size(), digest.data());
  // "@" is encoded in every short name, so no short name looks like a long one.
  return name.substr(0, kLongNamePrefix) + "@" + hex(asText(digest));
}

std::string randomUuid() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("the system's source of random numbers failed");
  }
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);  // version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);  // the variant of RFC 9562
  std::string text = hex(asText(bytes));
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

}  // namespace hydra_clients

#include "secrets/generator.h"

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace hydra_clients::secrets {
namespace {

// Hydra's own alphabet for generated secrets (x/secret.go): the unreserved characters of RFC 3986, so that no
// client library mangles them in `client_secret_basic`.
constexpr std::string_view kSymbols = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
static_assert(kSymbols.size() == 66);

constexpr std::size_t kSecretLength = 26;
/// Bytes at or above it are thrown away, since they would make some symbols more likely than others.
constexpr unsigned kFairBytes = 256 - 256 % kSymbols.size();
/// 198 of 256 bytes are taken: that 26 symbols need more than 16 draws of 64 bytes does not happen by chance.
constexpr int kMaxDraws = 16;

using Draw = std::array<unsigned char, 64>;

void appendSymbols(const Draw& draw, std::string& secret) {
  for (const unsigned char byte : draw) {
    if (secret.size() == kSecretLength) return;
    if (byte < kFairBytes) secret.push_back(kSymbols[byte % kSymbols.size()]);
  }
}

}  // namespace

Secret generateClientSecret() {
  std::string secret;
  secret.reserve(kSecretLength);  // one buffer: growing it would leave copies behind
  Draw draw{};
  for (int i = 0; i < kMaxDraws && secret.size() < kSecretLength; ++i) {
    if (RAND_priv_bytes(draw.data(), static_cast<int>(draw.size())) != 1) {
      wipe(secret);
      throw std::runtime_error("OpenSSL's random source failed: no secret can be generated");
    }
    appendSymbols(draw, secret);
  }
  OPENSSL_cleanse(draw.data(), draw.size());
  if (secret.size() < kSecretLength) {
    wipe(secret);
    throw std::runtime_error("OpenSSL's random source repeats itself: no secret can be generated");
  }
  return Secret(std::move(secret));
}

}  // namespace hydra_clients::secrets

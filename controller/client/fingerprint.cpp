#include "client/fingerprint.h"

#include <array>
#include <cstring>
#include <stdexcept>

#include <openssl/rand.h>
#include <xxhash.h>

namespace hydra_clients {
namespace {

XXH64_hash_t randomSeed() {
  std::array<unsigned char, sizeof(XXH64_hash_t)> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("the system's source of random numbers failed");
  }
  XXH64_hash_t seed = 0;
  std::memcpy(&seed, bytes.data(), bytes.size());
  return seed;
}

}  // namespace

Fingerprint fingerprintOf(std::string_view text) {
  static const XXH64_hash_t seed = randomSeed();
  const XXH128_hash_t hash = XXH3_128bits_withSeed(text.data(), text.size(), seed);
  return {hash.low64, hash.high64};
}

}  // namespace hydra_clients

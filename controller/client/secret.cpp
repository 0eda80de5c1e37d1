#include "client/secret.h"

#include <array>
#include <utility>

#include <openssl/crypto.h>

namespace hydra_clients {

void wipe(std::string& bytes) {
  bytes.resize(
      bytes.capacity());  // a short string that was moved from says it is empty, and still holds its bytes
  OPENSSL_cleanse(bytes.data(), bytes.size());
  bytes.clear();
}

[[gnu::noinline]] void wipeStack() {
  std::array<char, std::size_t{16} << 10>
      left;  // NOLINT(cppcoreguidelines-pro-type-member-init): that is the point
  OPENSSL_cleanse(left.data(), left.size());
}

// A short string lives inside its object, so moving copies it: the source is wiped as well.
Secret::Secret(std::string&& bytes) : bytes_(std::move(bytes)) { wipe(bytes); }

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { wipe(other.bytes_); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    wipe(other.bytes_);
  }
  return *this;
}

Secret::~Secret() { wipe(bytes_); }

Secret Secret::copy() const { return Secret(std::string(bytes_)); }

}  // namespace hydra_clients

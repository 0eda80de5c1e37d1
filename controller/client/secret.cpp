#include "client/secret.h"

#include <utility>

#include <openssl/crypto.h>

namespace hydra_clients {

void wipe(std::string& bytes) {
  bytes.resize(
      bytes.capacity());  // a short string that was moved from says it is empty, and still holds its bytes
  OPENSSL_cleanse(bytes.data(), bytes.size());
  bytes.clear();
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

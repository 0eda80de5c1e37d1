#include "client/secret_source.h"

namespace hydra_clients {

bool sameSource(const SecretSource& a, const SecretSource& b) {
  if (a.index() != b.index()) return false;
  if (const auto* stated = std::get_if<StatedSecret>(&a)) {
    return stated->secret->reveal(Purpose::kComparison) ==
           std::get<StatedSecret>(b).secret->reveal(Purpose::kComparison);
  }
  if (const auto* reference = std::get_if<SecretReference>(&a)) {
    const auto& other = std::get<SecretReference>(b);
    return reference->kind == other.kind && reference->value == other.value;
  }
  return true;
}

}  // namespace hydra_clients

#include "reconcile/secret_policy.h"

#include <memory>
#include <utility>
#include <variant>

#include "secrets/generator.h"

namespace hydra_clients::reconcile {
namespace {

using Prepared = tl::expected<PreparedSecret, std::string>;

struct Prepare {
  const SecretPolicy& policy;

  Prepared operator()(const NoSecret&) const { return PreparedSecret{}; }

  Prepared operator()(const StatedSecret& stated) const { return PreparedSecret{stated.secret, false, {}}; }

  Prepared operator()(const GeneratedSecret&) const {
    if (!policy.generate) {
      return tl::unexpected(
          std::string("it needs a client_secret and states none: name one by client_secret_from, or, for a "
                      "public client, set "
                      "token_endpoint_auth_method to \"none\""));
    }
    PreparedSecret prepared{std::make_shared<const Secret>(secrets::generateClientSecret()), true, {}};
    if (policy.seal) {
      auto sealed = policy.seal(*prepared.secret);
      if (!sealed) return tl::unexpected("its secret cannot be encrypted: " + sealed.error());
      prepared.sealed = std::move(*sealed);
    }
    return prepared;
  }

  Prepared operator()(const SecretReference& reference) const {
    auto secret = secrets::resolve(reference, policy.references);
    if (!secret) return tl::unexpected(std::move(secret.error()));
    return PreparedSecret{std::make_shared<const Secret>(std::move(*secret)), false, {}};
  }
};

}  // namespace

tl::expected<PreparedSecret, std::string> prepareSecret(const SecretSource& source,
                                                        const SecretPolicy& policy) {
  return std::visit(Prepare{policy}, source);
}

}  // namespace hydra_clients::reconcile

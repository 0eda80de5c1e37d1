#include "reconcile/secret_policy.h"

#include <memory>
#include <utility>
#include <variant>

#include "secrets/generator.h"

namespace hydra_clients::reconcile {
namespace {

using Generated = SecretPolicy::Generated;
using Prepared = tl::expected<PreparedSecret, std::string>;

constexpr const char* kNoneStated =
    "it needs a client_secret and states none: name one by client_secret_from, or, for a public client, set "
    "token_endpoint_auth_method to \"none\", or have one generated: --pgp-key-file and --outbox of `run`";

Prepared tell(const SecretPolicy& policy) {
  PreparedSecret prepared{.secret = std::make_shared<const Secret>(secrets::generateClientSecret()),
                          .generated = true,
                          .sealed = {},
                          .stamp = randomUuid()};
  if (policy.seal) {
    auto sealed = policy.seal(*prepared.secret);
    if (!sealed) return tl::unexpected("its secret cannot be encrypted: " + sealed.error());
    prepared.sealed = std::move(*sealed);
  }
  return prepared;
}

Prepared keep(const ClientId& id, SecretKeeper& keeper) {
  auto kept = keeper.secretFor(id);
  if (!kept) return tl::unexpected(std::move(kept.error()));
  return PreparedSecret{.secret = std::move(kept->secret),
                        .generated = true,
                        .sealed = {},
                        .stamp = std::move(kept->stamp),
                        .ambiguous = kept->ambiguous};
}

struct Prepare {
  const manifest::Manifest& manifest;
  const SecretPolicy& policy;

  Prepared operator()(const NoSecret&) const { return PreparedSecret{}; }

  Prepared operator()(const StatedSecret& stated) const { return PreparedSecret{.secret = stated.secret}; }

  Prepared operator()(const GeneratedSecret&) const {
    if (policy.generated == Generated::kTold) return tell(policy);
    if (policy.generated == Generated::kKept && policy.keeper != nullptr)
      return keep(manifest.id, *policy.keeper);
    return tl::unexpected(std::string(kNoneStated));
  }

  Prepared operator()(const SecretReference& reference) const {
    auto secret = secrets::resolve(reference, manifest.id, policy.references);
    if (!secret) return tl::unexpected(std::move(secret.error()));
    return PreparedSecret{.secret = std::make_shared<const Secret>(std::move(*secret))};
  }
};

struct WhyNot {
  const manifest::Manifest& manifest;
  const SecretPolicy& policy;

  std::optional<std::string> operator()(const NoSecret&) const { return std::nullopt; }
  std::optional<std::string> operator()(const StatedSecret&) const { return std::nullopt; }

  std::optional<std::string> operator()(const GeneratedSecret&) const {
    if (policy.generated == Generated::kWaits) return kNoneStated;
    return policy.keeper != nullptr ? policy.keeper->obstacle() : std::nullopt;
  }

  std::optional<std::string> operator()(const SecretReference& reference) const {
    auto found = secrets::check(reference, manifest.id, policy.references);
    if (found) return std::nullopt;
    return std::move(found.error());
  }
};

}  // namespace

tl::expected<PreparedSecret, std::string> prepareSecret(const manifest::Manifest& manifest,
                                                        const SecretPolicy& policy) {
  return std::visit(Prepare{manifest, policy}, manifest.secret);
}

std::optional<std::string> whyNoSecret(const manifest::Manifest& manifest, const SecretPolicy& policy) {
  return std::visit(WhyNot{manifest, policy}, manifest.secret);
}

}  // namespace hydra_clients::reconcile

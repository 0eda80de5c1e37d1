#include "client/fields.h"
#include "manifest/rules/rule.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kShortestSecret = 6;  // bytes

bool hasSecret(const json::Value& client) {
  const json::Value* const secret = client.find("client_secret");
  const bool isStated =
      secret != nullptr && !(secret->isNull() || (secret->isString() && secret->text.empty()));
  return isStated || client.find(kSecretFromKey) != nullptr;
}

}  // namespace

bool needsGeneratedSecret(const json::Value& client) {
  if (hasSecret(client)) return false;
  const json::Value* const method = client.find("token_endpoint_auth_method");
  return method == nullptr || (method->text != "none" && method->text != "private_key_jwt");
}

// Source: ory/hydra client/validator.go (v1.9.2 to v26.2.0) for the length; design §4 and §6 for the others.
// Nothing here may show a secret.
void checkSecrets(const RuleContext& context) {
  const std::string_view secret = context.text("client_secret");
  if (!secret.empty() && secret.size() < kShortestSecret) {
    context.reportField("secret-too-short", "client_secret", "a secret has at least 6 bytes",
                        context.forImport ? "leave it out to have a strong one generated"
                                          : "name where a longer one is with client_secret_from");
  }
  const bool isReferred = context.client.find(kSecretFromKey) != nullptr;
  if (isReferred && !secret.empty()) {
    context.reportField("secret-stated-twice", kSecretFromKey,
                        "client_secret and client_secret_from cannot both be stated",
                        "leave out one of the two");
  }
  if (hasSecret(context.client) && context.text("token_endpoint_auth_method") == "none") {
    context.reportField("public-client-secret", isReferred ? kSecretFromKey : "client_secret",
                        "a public client (token_endpoint_auth_method none) never uses its secret",
                        "leave the secret out, or choose client_secret_basic");
  }
  const json::Value* const metadata = context.stated("metadata");
  if (metadata != nullptr && !metadata->isObject() && needsGeneratedSecret(context.client)) {
    context.reportField(
        "metadata-cannot-be-stamped", "metadata",
        "must be an object, since this client's secret is to be generated and the attempt is marked "
        "in metadata.hydra_clients",
        "make metadata an object, or state the secret with client_secret_from");
  }
}

}  // namespace hydra_clients::manifest

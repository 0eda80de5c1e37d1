#include <utility>

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

/// Whether a file of that name can be below some folder, by its letters alone: no step of it goes above where
/// it begins, and it does not end as a folder's name does.
bool canBeBelowAFolder(std::string_view path) {
  std::size_t depth = 0;
  std::string_view step;
  while (true) {  // bounded by the path's length
    const std::size_t slash = path.find('/');
    step = path.substr(0, slash);
    if (step == ".." && depth == 0) return false;
    if (step == "..") {
      --depth;
    } else if (!step.empty() && step != ".") {
      ++depth;
    }
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return !step.empty() && step != "." && step != "..";
}

/// What can never be read, whatever the machine holds; secrets/reference.h is who reads. Told at the member's
/// name: of a value at fault `validate` shows the line, and somebody may have put the secret itself there.
void checkReference(const RuleContext& context) {
  const json::Value* const from = context.client.find(kSecretFromKey);
  if (from == nullptr) return;
  const auto report = [&](const char* rule, const json::Member& member, std::string message,
                          std::string hint) {
    context.findings.push_back({rule, member.nameBegin,
                                json::pointerTo(json::pointerTo("", kSecretFromKey), member.name),
                                std::move(message), std::move(hint)});
  };
  for (const json::Member& member : from->members) {
    const json::Value& value = member.value;
    if (!value.isString()) continue;
    if (member.name == "env" && !value.text.starts_with(context.secretsEnvPrefix)) {
      report("secret-variable", member,
             "only variables whose name begins with " + std::string(context.secretsEnvPrefix) + " are read",
             "give the variable such a name, or give another --secrets-env-prefix");
    } else if (member.name == "file" && !canBeBelowAFolder(value.text)) {
      report("secret-file", member, "no file of this name can be below --secrets-root",
             "name the file by its path from --secrets-root on, without .. at its begin");
    }
  }
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
  if (context.warnOfSecrets && !secret.empty() && !isUnexpanded(secret)) {
    context.reportField(
        "secret-in-clear", "client_secret", "whoever reads this file, or its history in Git, has the secret",
        "name where it is with client_secret_from, encrypt it with hydra-clients seal, or leave "
        "it out to have one generated; where it has been committed, choose another");
  }
  checkReference(context);
  if (context.warnOfSecrets && needsGeneratedSecret(context.client)) {
    context.report(
        "secret-missing", "", context.client,
        "needs a secret and states none: run lets such a client wait, unless it has a PGP recipient "
        "and an outbox for a secret of its own making",
        "name where the secret is with client_secret_from; where one is to be made up, switch this "
        "off with --rule secret-missing=off");
  }
  const json::Value* const metadata = context.stated("metadata");
  if (metadata == nullptr || !needsGeneratedSecret(context.client)) return;
  const json::Value* const ours = metadata->isObject() ? metadata->find(kStampKey) : nullptr;
  if (!metadata->isObject() || (ours != nullptr && !ours->isObject())) {
    context.reportField("metadata-cannot-be-stamped", "metadata",
                        "must be an object, and so must metadata.hydra_clients where it stands, since this "
                        "client's secret is "
                        "to be generated and the attempt is marked there",
                        "make metadata an object, or state the secret with client_secret_from");
  }
}

}  // namespace hydra_clients::manifest

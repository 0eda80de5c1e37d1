#include "reconcile/conflict_hint.h"

#include <variant>

#include "client/json.h"
#include "client/secret_source.h"

namespace hydra_clients::reconcile {
namespace {

using hydra::shellPath;
using hydra::shellWord;

/// What of jq's variable $file is the client: all of it, or one of an array.
std::string clientOf(const manifest::Location& place) {
  return place.pointer.starts_with('/') ? "$file[0][" + place.pointer.substr(1) + "]" : "$file[0]";
}

std::string fileWords(const manifest::Location& place) {
  return "--slurpfile file " + shellPath(place.path) + " ";
}

/// What there is, `change` (of jq, whose options are `jqWords`) over it, and back. hydra-admin-api §5: PUT
/// resets every field that it is not told and keeps the secret that it is not told; PATCH spoils the secret
/// on v1.10. `hydra update` is a PUT too, has no unix sockets, and takes no file on v1.
std::string pipeline(const ClientId& id, const hydra::Dialect& dialect, const hydra::Curl& curl,
                     const std::string& jqWords, const std::string& change) {
  if (!dialect.addressable(id)) return {};
  const std::string target = dialect.clientTarget(id);
  return curl.command("--fail", target) + " | jq " + jqWords + shellWord(". + " + change) + " | " +
         curl.command("--request PUT --data-binary @-", target) +
         " | jq --raw-output '.client_id // halt_error'";
}

}  // namespace

std::string updateCommand(const manifest::Manifest& manifest, const hydra::Dialect& dialect,
                          const hydra::Curl& curl) {
  const std::string change =
      "(" + clientOf(manifest.from) + R"( | del(."$schema", ."$comment", .client_secret_from)))";
  return pipeline(manifest.id, dialect, curl, fileWords(manifest.from), change);
}

// No secret becomes a word of the command line: jq reads it.
std::string secretCommand(const manifest::Manifest& manifest, const hydra::Dialect& dialect,
                          const hydra::Curl& curl, const std::string& secretsRoot) {
  if (std::holds_alternative<StatedSecret>(manifest.secret)) {
    return pipeline(manifest.id, dialect, curl, fileWords(manifest.from),
                    "(" + clientOf(manifest.from) + " | {client_secret})");
  }
  const auto* const reference = std::get_if<SecretReference>(&manifest.secret);
  if (reference == nullptr || reference->kind == SecretReference::Kind::kPgp) return {};
  if (reference->kind == SecretReference::Kind::kEnvironment) {
    return pipeline(manifest.id, dialect, curl, "",
                    "{client_secret: (env[" + json::quote(reference->value) + "] // error(" +
                        json::quote(reference->value + " is not set") + "))}");
  }
  const std::string path =
      reference->value.starts_with('/') ? reference->value : secretsRoot + "/" + reference->value;
  return pipeline(manifest.id, dialect, curl, "--rawfile secret " + shellPath(path) + " ",
                  R"({client_secret: ($secret | rtrimstr("\n") | rtrimstr("\r"))})");
}

std::string conflictHint(const manifest::Manifest& manifest, const hydra::Dialect& dialect,
                         const std::string& endpoint) {
  const std::string change = "change the manifest at " + manifest::formatPlace(manifest.from) +
                             " to what Hydra holds (hydra-clients export --endpoint " + shellWord(endpoint) +
                             " --client-id=" + shellWord(manifest.id) +
                             " --to in-hydra writes that as a manifest)";
  if (!dialect.addressable(manifest.id)) {
    return change + " (this Hydra cannot change a client of such an id)";
  }
  return change + ", or the live client to what the manifest says, with this command";
}

}  // namespace hydra_clients::reconcile

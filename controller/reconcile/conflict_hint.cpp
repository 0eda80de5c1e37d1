#include "reconcile/conflict_hint.h"

#include <variant>

#include "client/json.h"
#include "client/secret_source.h"

namespace hydra_clients::reconcile {
namespace {

using hydra::shellPath;
using hydra::shellWord;

/// Hydra v2 shows `"jwks": {}` where there are none, and refuses that beside a jwks_uri.
constexpr const char* kWithoutNoKeys = " | del(.jwks | select(. == {}))";

/// How jq comes by what a change is made of, besides the live client.
struct Input {
  std::string command = {};   ///< prints it after the live client; "" where jq's own options read it
  std::string jqWords = {};   ///< shell words, each before a space
  std::string live = ".";     ///< jq's expression of the live client
  std::string declared = {};  ///< and of the manifest
};

Input inputOf(const manifest::Location& from, const ManifestPlace& place) {
  const std::string client = from.pointer.starts_with('/') ? "[" + from.pointer.substr(1) + "]" : "";
  if (place.repository.empty())
    return {.jqWords = "--slurpfile file " + shellPath(from.path) + " ", .declared = "$file[0]" + client};
  const std::string object = place.revision + ":" + from.path.text();
  return {.command = "git -C " + shellPath(place.repository) + " show " + shellWord(object),
          .jqWords = "--slurp ",
          .live = ".[0]",
          .declared = R"((.[1] // error("no manifest")))" + client};
}

/// What there is, `change` (of jq) over it, and back. hydra-admin-api §5: PUT resets every field that it is
/// not told and keeps the secret that it is not told; PATCH spoils the secret on v1.10. `hydra update` is a
/// PUT too, has no unix sockets, and takes no file on v1. Nothing is sent where an input could not be read:
/// jq then prints nothing, and that is empty to a PUT. In a subshell, so that no secret stays in a variable.
std::string pipeline(const ClientId& id, const hydra::Dialect& dialect, const hydra::Curl& curl,
                     const Input& input, const std::string& change) {
  if (!dialect.addressable(id)) return {};
  const std::string target = dialect.clientTarget(id);
  const std::string get = curl.command("--fail", target);
  return "(body=$(" + (input.command.empty() ? get : "{ " + get + "; " + input.command + "; }") + " | jq " +
         input.jqWords + shellWord("(" + input.live + kWithoutNoKeys + ") + " + change) +
         R"() && [ "$body" ] && printf %s "$body" | )" +
         curl.command("--request PUT --data-binary @-", target) +
         " | jq --raw-output '.client_id // halt_error')";
}

}  // namespace

std::string updateCommand(const manifest::Manifest& manifest, const ManifestPlace& place,
                          const hydra::Dialect& dialect, const hydra::Curl& curl) {
  const Input input = inputOf(manifest.from, place);
  return pipeline(manifest.id, dialect, curl, input,
                  "(" + input.declared + R"( | del(."$schema", ."$comment", .client_secret_from)))");
}

// No secret becomes a word of the command line: jq reads it.
std::string secretCommand(const manifest::Manifest& manifest, const ManifestPlace& place,
                          const hydra::Dialect& dialect, const hydra::Curl& curl,
                          const std::string& secretsRoot) {
  if (std::holds_alternative<StatedSecret>(manifest.secret)) {
    const Input input = inputOf(manifest.from, place);
    return pipeline(manifest.id, dialect, curl, input, "(" + input.declared + " | {client_secret})");
  }
  const auto* const reference = std::get_if<SecretReference>(&manifest.secret);
  if (reference == nullptr || reference->kind == SecretReference::Kind::kPgp) return {};
  if (reference->kind == SecretReference::Kind::kEnvironment) {
    return pipeline(manifest.id, dialect, curl, {},
                    "{client_secret: (env[" + json::quote(reference->value) + "] // error(" +
                        json::quote(reference->value + " is not set") + "))}");
  }
  const std::string path =
      reference->value.starts_with('/') ? reference->value : secretsRoot + "/" + reference->value;
  return pipeline(manifest.id, dialect, curl, {.jqWords = "--rawfile secret " + shellPath(path) + " "},
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

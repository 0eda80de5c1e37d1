#include "cli/manifest_flags.h"

#include <memory>
#include <utility>

#include "cli/flags.h"
#include "manifest/schema.h"
#include "manifest/sources/folder_source.h"

namespace hydra_clients::cli {
namespace {

constexpr std::uint64_t kLargestSchema = 4u << 20;

// What the limits may be set to. Below, no client would pass; above, memory would be the limit.
constexpr Range<std::size_t> kClientSizes{1u << 10, 1u << 30};
constexpr Range<std::size_t> kFileSizes{1u << 10, 2u << 30};
constexpr Range<std::size_t> kStringSizes{64, 1u << 30};
constexpr std::size_t kMostManifests = 10'000'000;

}  // namespace

void ManifestFlags::addTo(CLI::App& command) {
  const auto group = [](CLI::Option* option) { option->group("Manifests"); };
  group(
      addFlag(command, "schema", schemaFile_, "a stricter JSON Schema (draft 7) of your own, checked as well")
          ->type_name("FILE"));
  group(addFlag(command, "rule", rules_,
                "what a rule is: NAME=error, NAME=warning or NAME=off; may be repeated")
            ->type_name("NAME=SEVERITY")
            ->allow_extra_args(false));
  group(addFlag(command, "strict", strict_, "warnings are errors"));
  group(addSizeFlag(command, "max-client-size", defaults_.limits.elementBytes, "the largest client, as JSON",
                    kClientSizes));
  group(addSizeFlag(command, "max-file-size", defaults_.fileBytes, "the largest file", kFileSizes));
  group(addSizeFlag(command, "max-string-size", defaults_.limits.stringBytes,
                    "the longest string within a client", kStringSizes));
  group(addCountFlag(command, "max-nesting", defaults_.limits.nesting,
                     "how deep arrays and objects of one client may nest", {1, json::kLiveNesting / 2}));
  group(addCountFlag(command, "max-manifests", defaults_.manifests, "the most clients in all files together",
                     {1, kMostManifests}));
}

tl::expected<manifest::ReadingOptions, std::string> ManifestFlags::options() const {
  manifest::ReadingOptions options = defaults_;
  for (const std::string& setting : rules_) {
    if (auto set = options.severities.set(setting); !set) return tl::unexpected("--rule: " + set.error());
  }
  if (strict_) options.severities.makeStrict();
  if (schemaFile_.empty()) return options;
  const auto text = manifest::readWholeFile(schemaFile_, kLargestSchema);
  if (!text) return tl::unexpected("--schema: " + text.error().message);
  auto schema = manifest::Schema::compile(*text);
  if (!schema) return tl::unexpected("--schema " + schemaFile_ + ": " + schema.error());
  options.extraSchema = std::make_shared<const manifest::Schema>(std::move(*schema));
  return options;
}

void addSecretFlags(CLI::App& command, secrets::ReferenceOptions& options) {
  addFlag(command, "secrets-root", options.root,
          "the folder below which client_secret_from may read files; without it {\"file\": …} is refused")
      ->type_name("FOLDER")
      ->group("Secrets");
  addSecretsPrefixFlag(command, options.envPrefix);
  CLI::Option* const key =
      addFlag(
          command, "pgp-private-key-file", options.privateKeyFile,
          "the private key that opens the PGP messages of client_secret_from, armored or binary; read again "
          "when it changes")
          ->type_name("FILE")
          ->group("Secrets");
  addFlag(command, "pgp-passphrase-file", options.passphraseFile,
          "the private key's passphrase, where it has one; read again when it changes")
      ->type_name("FILE")
      ->needs(key)
      ->group("Secrets");
}

void addSecretsPrefixFlag(CLI::App& command, std::string& prefix) {
  addFlag(command, "secrets-env-prefix", prefix,
          "what a variable's name must begin with for client_secret_from to read it")
      ->type_name("PREFIX")
      ->capture_default_str()
      ->group("Secrets");
}

secrets::ReferenceOptions openReferences(secrets::ReferenceOptions options) {
  if (options.privateKeyFile.empty()) return options;
  options.decryptor = std::make_shared<secrets::Decryptor>(
      secrets::DecryptorOptions{options.privateKeyFile, options.passphraseFile, {}});
  return options;
}

CLI::Option* addOutputFlag(CLI::App& command, std::string& format) {
  return addChoiceFlag(command, "output", format,
                       "what standard output gets: text for people, json for programs", {"text", "json"});
}

}  // namespace hydra_clients::cli

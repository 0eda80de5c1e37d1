#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <tl/expected.hpp>

#include "manifest/set_reader.h"
#include "secrets/reference.h"

namespace hydra_clients::cli {

/// The flags of every command that reads manifests: limits, rules, the user's own schema.
class ManifestFlags {
 public:
  void addTo(CLI::App& command);
  /// The error is a usage error in words: a schema that cannot be read, a rule that is not there.
  [[nodiscard]] tl::expected<manifest::ReadingOptions, std::string> options() const;

 private:
  manifest::ReadingOptions defaults_;
  std::string schemaFile_;
  std::vector<std::string> rules_;
  bool strict_ = false;
};

/// `--secrets-root`, `--secrets-env-prefix`, `--pgp-private-key-file`, `--pgp-passphrase-file`: what a
/// manifest's client_secret_from may read.
void addSecretFlags(CLI::App& command, secrets::ReferenceOptions& options);
/// `--secrets-env-prefix` alone, for a command that reads no secret.
void addSecretsPrefixFlag(CLI::App& command, std::string& prefix);

/// The same with what opens PGP messages, where the flags name a key. Nothing is read or started before the
/// first message.
[[nodiscard]] secrets::ReferenceOptions openReferences(secrets::ReferenceOptions options);

/// `--output text|json`.
CLI::Option* addOutputFlag(CLI::App& command, std::string& format);

}  // namespace hydra_clients::cli

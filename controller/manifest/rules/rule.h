#pragma once

// A rule's name is an interface: it stands in messages, in the docs, and in people's settings. All of them
// stand in one table (catalogue.cpp), whoever checks them: the JSON reader, the schema, the code in this
// folder, the sources.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/hydra_version.h"
#include "client/json.h"
#include "manifest/fault.h"

namespace hydra_clients::manifest {

struct RuleInfo {
  std::string_view name;  ///< stable, kebab-case
  Severity severity;      ///< by default
  std::string_view what;  ///< what is found, one sentence
  std::string_view why;   ///< why it is a fault, and where that is known from
};

/// Sorted by name.
[[nodiscard]] std::span<const RuleInfo> allRules();
/// Whether the rule is always an error: what breaks it cannot be read as a client.
[[nodiscard]] bool isFixed(std::string_view name);
/// nullptr for no rule of ours.
[[nodiscard]] const RuleInfo* findRule(std::string_view name);

/// A fault of one element, before it is known where in the file the element stands.
struct Finding {
  std::string rule;
  std::size_t offset = 0;  ///< in the file's text
  std::string pointer;     ///< RFC 6901, from the element's root
  std::string message;     ///< never the value of a secret
  std::string hint;
};

/// What a rule looks at, and where it reports. The client is an object, not necessarily of the right types.
struct RuleContext {
  const json::Value& client;
  HydraVersion hydra;  ///< by whose rules
  bool forImport;
  std::string_view secretsEnvPrefix;  ///< of the variables that client_secret_from may name
  bool warnOfSecrets;
  std::vector<Finding>& findings;

  /// The member, unless it is absent or null.
  [[nodiscard]] const json::Value* stated(std::string_view name) const;
  /// The member's text; "" where it is absent or no string.
  [[nodiscard]] std::string_view text(std::string_view name) const;
  /// The strings of the member; others are left out.
  [[nodiscard]] std::vector<const json::Value*> strings(std::string_view name) const;

  void report(std::string_view rule, std::string pointer, const json::Value& where, std::string message,
              std::string hint = {}) const;
  /// About one member, whose value is there.
  void reportField(std::string_view rule, std::string_view name, std::string message,
                   std::string hint = {}) const;
};

// One function a family; each says at its definition where its rules come from.
void checkIdentity(const RuleContext& context);
void checkKeys(const RuleContext& context);
void checkLists(const RuleContext& context);
void checkMistakes(const RuleContext& context);
void checkOrigins(const RuleContext& context);
void checkRedirects(const RuleContext& context);
void checkSecrets(const RuleContext& context);
void checkValues(const RuleContext& context);
void checkVersions(const RuleContext& context);

/// Runs all of them.
void checkRules(const RuleContext& context);

/// Whether the text is ${VAR}, $VAR, {{var}} or <placeholder>: not meant as it stands.
[[nodiscard]] bool isUnexpanded(std::string_view text);

/// Whether the client needs a secret that its manifest does not say: this program makes one up then.
[[nodiscard]] bool needsGeneratedSecret(const json::Value& client);

}  // namespace hydra_clients::manifest

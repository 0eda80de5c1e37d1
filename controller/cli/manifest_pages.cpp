#include <string>
#include <string_view>

#include "cli/markdown.h"
#include "cli/reference_pages.h"
#include "client/fields.h"
#include "client/hydra_version.h"
#include "client/json.h"
#include "manifest/rules/examples.h"
#include "manifest/rules/rule.h"
#include "manifest/schema.h"
#include "manifest/set_reader.h"

namespace hydra_clients::cli {
namespace {

std::string severityOf(const manifest::RuleInfo& rule) {
  return "**" + std::string(manifest::nameOf(rule.severity)) + "**" +
         (manifest::isFixed(rule.name) ? ", *always*" : "");
}

/// A file that breaks the rule, and what the program says to it.
std::string exampleText(const manifest::RuleExample& example) {
  manifest::ReadingOptions options;
  options.warnOfSecrets = true;
  if (!example.hydra.empty()) options.hydra = HydraVersion::parse(example.hydra).value();
  const std::string of = example.hydra.empty() ? "" : " for Hydra " + std::string(example.hydra);
  std::string text = example.file.empty() ? "\nAn empty file" + of + ":\n"
                                          : "\n```json\n" + std::string(example.file) + "\n```\n" +
                                                (of.empty() ? "" : "\nJudged" + of + ":\n");
  text += "\n```\n";
  for (const manifest::Fault& fault : manifest::readText("client.json", example.file, options).allFaults()) {
    if (fault.rule == example.rule) text += manifest::format(fault) + "\n";
  }
  return text + "```\n";
}

std::string section(const manifest::RuleInfo& rule) {
  const std::string name(rule.name);
  std::string text = "## " + name + "\n\n" + severityOf(rule) + ": " + std::string(rule.what) + ".\n\n" +
                     std::string(rule.why) + "\n";
  const manifest::RuleExample* const example = manifest::exampleOf(rule.name);
  return example == nullptr ? text : text + exampleText(*example);
}

std::string versionsOf(const Field& field) {
  const bool always = field.since == HydraVersion{};
  const std::string since = always ? "" : "from " + field.since.text();
  if (!field.until) return always ? "all" : since;
  return since + (always ? "" : " ") + "before " + field.until->text();
}

std::string comparisonOf(FieldType type) {
  switch (type) {
    case FieldType::kString:
    case FieldType::kBoolean:
      return "as it is";
    case FieldType::kStringSet:
      return "as a set";
    case FieldType::kScope:
      return "as a set of words";
    case FieldType::kOrigins:
      return "as a set, in the form that Hydra stores";
    case FieldType::kDuration:
      return "by value";
    case FieldType::kStrategy:
      return "without case";
    case FieldType::kKeySet:
      return "by the members that Hydra keeps";
    case FieldType::kMetadata:
      return "exactly, but for the order of names";
    case FieldType::kSecret:
      return "never: Hydra does not tell it";
    case FieldType::kReadOnly:
      return "only Hydra sets it";
    case FieldType::kClientId:
      return "it says which client";
  }
  return "";
}

/// The text that editors show, and the first example.
std::string meaningOf(const json::Value& properties, std::string_view name) {
  const json::Value* const property = properties.find(name);
  if (property == nullptr) return "A manifest must not state it.";
  std::string text = property->find("description")->text;
  const json::Value* const examples = property->find("examples");
  if (examples != nullptr && !examples->items.empty())
    text += " Such as `" + json::write(examples->items[0]) + "`.";
  return text;
}

std::string row(const json::Value& properties, std::string_view name, const std::string& versions,
                const std::string& compared) {
  return "| " + codeCell(name) + " | " + cell(meaningOf(properties, name)) + " | " + versions + " | " +
         compared + " |\n";
}

}  // namespace

std::string rulesPage() {
  std::string text =
      "# Rules\n\n"
      "Made by `hydra-clients help --page rules`; do not edit.\n\n"
      "What `validate` looks for, and `import`, `plan` and `run` as well. An **error** is what Hydra "
      "refuses, changes or drops, or what no author can have meant; such a client is not sent. A **warning** "
      "is "
      "what Hydra takes as it stands and what is probably a mistake. `--rule NAME=error|warning|off` sets a "
      "rule, `--strict` makes warnings errors; a rule that is *always* an error cannot be set.\n\n"
      "| rule | by default | what is found |\n|---|---|---|\n";
  for (const manifest::RuleInfo& rule : manifest::allRules()) {
    text += "| [" + std::string(rule.name) + "](#" + std::string(rule.name) + ") | " + severityOf(rule) +
            " | " + cell(rule.what) + " |\n";
  }
  for (const manifest::RuleInfo& rule : manifest::allRules()) text += "\n" + section(rule);
  return text;
}

std::string fieldsPage() {
  std::string text =
      "# Fields of a manifest\n\n"
      "Made by `hydra-clients help --page fields`; do not edit.\n\n"
      "A manifest is a client in Hydra's own field names. Compared with the live client are the fields that "
      "it "
      "states; a field of which Hydra has a default of its own is not compared where the manifest states it "
      "empty. A field that a Hydra does not know is a warning. `schemas/oauth2-client.schema.json` tells "
      "editors "
      "the same.\n\n"
      "| field | what it is | Hydra | compared |\n|---|---|---|---|\n";
  const json::Value schema = json::parse(manifest::shippedSchemaText()).value();
  const json::Value& properties = *schema.find("properties");
  for (const Field& field : allFields()) {
    const std::string compared =
        comparisonOf(field.type) +
        (field.whenEmpty == WhenEmpty::kHydraDefault ? "; empty: Hydra's default" : "");
    text += row(properties, field.name, versionsOf(field), compared);
  }
  text += "\nNot Hydra's, and never sent to it:\n\n| key | what it is |\n|---|---|\n";
  for (const std::string_view key : {kSchemaKey, kCommentKey, kSecretFromKey}) {
    text += "| " + codeCell(key) + " | " + cell(meaningOf(properties, key)) + " |\n";
  }
  return text;
}

}  // namespace hydra_clients::cli

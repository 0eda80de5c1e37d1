#include "cli/reference_pages.h"

#include <string_view>

#include "cli/flags.h"
#include "client/hydra_version.h"
#include "manifest/rules/examples.h"
#include "manifest/rules/rule.h"
#include "manifest/set_reader.h"
#include "telemetry/metrics.h"

namespace hydra_clients::cli {
namespace {

/// What a cell of a table may hold.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? "\\|" : std::string(1, c);
  return escaped;
}

std::string code(const std::string& text) { return "`" + cell(text) + "`"; }

std::string row(const CLI::Option& option) {
  const std::string value = valueNameOf(option);
  const std::string name = option.get_positional() ? option.get_name() : option.get_name(false, true);
  const bool showsValue = !value.empty() && !option.get_positional();
  const std::string known = rangeAndDefaultOf(option);
  std::string meaning = option.get_description();
  if (!known.empty()) meaning += " (" + known + ")";
  if (option.get_required()) meaning += " (required)";
  const std::string variable = option.get_envname().empty() ? "" : code(environmentNameOf(option.get_name()));
  return "| " + code(name + (showsValue ? " " + value : "")) + " | " + cell(meaning) + " | " + variable +
         " |\n";
}

std::string table(const CLI::App& command, const std::string& group) {
  std::string rows;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group() == group) rows += row(*option);
  }
  if (rows.empty()) return "";
  const std::string title = group == "Options" ? "" : "**" + group + "**\n\n";
  return title + "| flag | meaning | environment |\n|---|---|---|\n" + rows + "\n";
}

std::string section(const CLI::App& command) {
  std::string text = "## " + command.get_name() + "\n\n" + command.get_description() + "\n\n";
  for (const std::string& group : command.get_groups()) text += table(command, group);
  return text + "```\n" + command.get_footer() + "\n```\n\n";
}

std::string labelsOf(const telemetry::MetricDeclaration& metric) {
  std::string text;
  for (const telemetry::MetricLabel& label : metric.labels) {
    text += (text.empty() ? "" : "; ") + code(std::string(label.name));
    std::string values;
    for (const std::string_view value : label.values)
      values += (values.empty() ? ": " : ", ") + std::string(value);
    text += values;
  }
  return text;
}

std::string severityOf(const manifest::RuleInfo& rule) {
  return "**" + std::string(manifest::nameOf(rule.severity)) + "**" +
         (manifest::isFixed(rule.name) ? ", *always*" : "");
}

/// A file that breaks the rule, and what the program says to it.
std::string exampleText(const manifest::RuleExample& example) {
  manifest::ReadingOptions options;
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

}  // namespace

std::string cliPage(const CLI::App& program) {
  std::string text = "# Commands and flags\n\nMade by `hydra-clients help --page cli`; do not edit.\n\n" +
                     program.get_description() + "\n\n```\n" + program.get_footer() + "\n```\n\n";
  for (const CLI::App* command : program.get_subcommands({})) text += section(*command);
  text.pop_back();
  return text;
}

std::string metricsPage() {
  std::string text =
      "# Metrics\n\nMade by `hydra-clients help --page metrics`; do not edit.\n\n"
      "`hydra-clients run` serves them at `/metrics` of `--listen`. Every series with fixed label values is "
      "there from the start.\n\n| name | type | labels | meaning |\n|---|---|---|---|\n";
  for (const telemetry::MetricDeclaration& metric : telemetry::declaredMetrics()) {
    text += "| " + code(std::string(metric.name)) + " | " + std::string(metric.type) + " | " +
            labelsOf(metric) + " | " + cell(metric.help) + " |\n";
  }
  return text;
}

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

}  // namespace hydra_clients::cli

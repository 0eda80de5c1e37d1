#include "cli/reference_pages.h"

#include <string_view>

#include "cli/command_tree.h"
#include "cli/flags.h"
#include "cli/markdown.h"
#include "telemetry/metrics.h"

namespace hydra_clients::cli {
namespace {

std::string row(const CLI::Option& option) {
  const std::string value = valueNameOf(option);
  const std::string name = option.get_positional() ? option.get_name() : option.get_name(false, true);
  const bool showsValue = !value.empty() && !option.get_positional();
  const std::string known = rangeAndDefaultOf(option);
  std::string meaning = option.get_description();
  if (!known.empty()) meaning += " (" + known + ")";
  if (option.get_required()) meaning += " (required)";
  const std::string variable =
      option.get_envname().empty() ? "" : codeCell(environmentNameOf(option.get_name()));
  return "| " + codeCell(name + (showsValue ? " " + value : "")) + " | " + cell(meaning) + " | " + variable +
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
  std::string text = "## " + typedName(command) + "\n\n" + command.get_description() + "\n\n";
  for (const std::string& group : command.get_groups()) text += table(command, group);
  return text + "```\n" + command.get_footer() + "\n```\n\n";
}

std::string labelsOf(const telemetry::MetricDeclaration& metric) {
  std::string text;
  for (const telemetry::MetricLabel& label : metric.labels) {
    text += (text.empty() ? "" : "; ") + codeCell(std::string(label.name));
    std::string values;
    for (const std::string_view value : label.values)
      values += (values.empty() ? ": " : ", ") + std::string(value);
    text += values;
  }
  return text;
}

}  // namespace

std::string cliPage(const CLI::App& program) {
  std::string text = "# Commands and flags\n\nMade by `hydra-clients help --page cli`; do not edit.\n\n" +
                     program.get_description() + "\n\n```\n" + program.get_footer() + "\n```\n\n";
  for (const CLI::App* command : runnableCommands(program)) text += section(*command);
  text.pop_back();
  return text;
}

std::string metricsPage() {
  std::string text =
      "# Metrics\n\nMade by `hydra-clients help --page metrics`; do not edit.\n\n"
      "`hydra-clients run` serves them at `/metrics` of `--listen`. Every series with fixed label values is "
      "there from the start.\n\n| name | type | labels | meaning |\n|---|---|---|---|\n";
  for (const telemetry::MetricDeclaration& metric : telemetry::declaredMetrics()) {
    text += "| " + codeCell(std::string(metric.name)) + " | " + std::string(metric.type) + " | " +
            labelsOf(metric) + " | " + cell(metric.help) + " |\n";
  }
  return text;
}

}  // namespace hydra_clients::cli

#include "manifest/rules/severities.h"

#include <algorithm>
#include <vector>

#include "client/edit_distance.h"
#include "client/json.h"
#include "manifest/rules/rule.h"

namespace hydra_clients::manifest {
namespace {

struct Word {
  std::string_view text;
  std::optional<Severity> severity;
};
constexpr Word kWords[] = {
    {"error", Severity::kError}, {"warning", Severity::kWarning}, {"off", std::nullopt}};

std::string unknownRule(std::string_view name) {
  std::vector<std::string_view> names;
  for (const RuleInfo& rule : allRules()) names.push_back(rule.name);
  const auto near = nearest(name, names);
  return "there is no rule " + json::quote(name) +
         (near ? "; did you mean " + json::quote(*near) + "?" : "") +
         " (`validate --list-rules` names them all)";
}

}  // namespace

tl::expected<void, std::string> RuleSeverities::set(std::string_view setting) {
  const std::size_t equals = setting.find('=');
  const std::string_view name = setting.substr(0, equals);
  const std::string_view text = equals == std::string_view::npos ? "" : setting.substr(equals + 1);
  const auto word = std::ranges::find(kWords, text, &Word::text);
  if (word == std::end(kWords)) {
    return tl::unexpected(
        json::quote(setting) +
        " is no setting: write NAME=error, NAME=warning or NAME=off, such as scope-default=off");
  }
  const RuleInfo* const rule = findRule(name);
  if (rule == nullptr) return tl::unexpected(unknownRule(name));
  if (isFixed(name)) {
    return tl::unexpected("the rule " + std::string(name) +
                          " is always an error: a manifest that breaks it cannot be read as a client");
  }
  chosen_.insert_or_assign(std::string(name), word->severity);
  return {};
}

std::optional<Severity> RuleSeverities::of(std::string_view rule, Severity byDefault) const {
  const auto chosen = chosen_.find(rule);
  const std::optional<Severity> severity = chosen != chosen_.end() ? chosen->second : byDefault;
  return severity && strict_ ? Severity::kError : severity;
}

}  // namespace hydra_clients::manifest

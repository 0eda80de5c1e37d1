#include "cli/environment.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "client/edit_distance.h"

namespace hydra_clients::cli {
namespace {

/// What Kubernetes puts into the environment of every pod for a Service named "hydra-clients".
bool isFromKubernetes(std::string_view name) {
  return name.ends_with("_SERVICE_HOST") || name.ends_with("_PORT") || name.find("_PORT_") != name.npos;
}

void collectVariables(const CLI::App& command, std::set<std::string>& names) {
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_envname().empty()) names.insert(environmentNameOf(option->get_name()));
  }
  for (const CLI::App* sub : command.get_subcommands({})) collectVariables(*sub, names);
}

std::string warningFor(const std::string& name, const std::set<std::string>& known) {
  // Compared without the prefix that all share, or everything would be near.
  std::vector<std::string_view> rests;
  rests.reserve(known.size());
  for (const std::string& candidate : known)
    rests.push_back(std::string_view(candidate).substr(kEnvPrefix.size()));
  std::string warning = "the environment variable " + name + " means nothing to this program";
  if (const auto near = nearest(std::string_view(name).substr(kEnvPrefix.size()), rests)) {
    warning += "; did you mean " + std::string(kEnvPrefix) + std::string(*near) + "?";
  }
  return warning;
}

bool isSet(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  return value != nullptr && *value != '\0';
}

}  // namespace

std::string environmentNameOf(std::string_view flag) {
  while (flag.starts_with('-')) flag.remove_prefix(1);
  std::string name(kEnvPrefix);
  for (const char c : flag) {
    name += c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

std::string environmentFor(std::string_view flag, std::initializer_list<std::string_view> others) {
  std::string own = environmentNameOf(flag);
  if (isSet(own)) return own;
  for (const std::string_view other : others) {
    if (isSet(std::string(other))) return std::string(other);
  }
  return own;
}

std::string namedAsGiven(const CLI::App& command, const std::string& message,
                         std::span<const char* const> words) {
  for (const CLI::Option* option : command.get_options()) {
    const std::string flag = option->get_name();
    if (!message.starts_with(flag) || !isSet(option->get_envname())) continue;
    const std::string rest = message.substr(flag.size());
    if (!rest.starts_with(':') && !rest.starts_with(' ')) continue;  // the beginning of a longer name
    const bool onCommandLine = std::ranges::any_of(
        words, [&](std::string_view word) { return word == flag || word.starts_with(flag + "="); });
    if (!onCommandLine) return option->get_envname() + rest;
  }
  return message;
}

std::vector<std::string> unknownVariables(const CLI::App& program, const char* const* environment,
                                          std::string_view secretsPrefix) {
  std::set<std::string> known;
  collectVariables(program, known);
  std::vector<std::string> warnings;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    const std::string name(entry.substr(0, entry.find('=')));
    if (!name.starts_with(kEnvPrefix) || known.contains(name) || isFromKubernetes(name)) continue;
    if (!secretsPrefix.empty() && name.starts_with(secretsPrefix)) continue;
    warnings.push_back(warningFor(name, known));
  }
  return warnings;
}

}  // namespace hydra_clients::cli

#include "cli/flags.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "client/duration.h"

namespace hydra_clients::cli {
namespace {

constexpr std::int64_t kNanosecondsInMillisecond = 1'000'000;

/// A flag that takes a duration must not take a bare number: "30" could be anything.
std::string checkDuration(const std::string& text, std::chrono::milliseconds least) {
  const auto nanoseconds = parseGoDuration(text);
  if (!nanoseconds || *nanoseconds < 0) {
    return "\"" + text + "\" is no duration: write it like 30s, 1m30s or 500ms";
  }
  if (std::chrono::nanoseconds(*nanoseconds) < least)
    return "\"" + text + "\" is less than " + durationText(least);
  return "";
}

/// What Kubernetes puts into the environment of every pod for a Service named "hydra-clients".
bool isFromKubernetes(std::string_view name) {
  return name.ends_with("_SERVICE_HOST") || name.ends_with("_PORT") || name.find("_PORT_") != name.npos;
}

void collectVariables(const CLI::App& command, std::set<std::string>& names) {
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.insert(environmentNameOf(name));
  }
  for (const CLI::App* sub : command.get_subcommands({})) collectVariables(*sub, names);
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replace}));
    }
  }
  return row.back();
}

std::string warningFor(const std::string& name, const std::set<std::string>& known) {
  const auto nearest = std::ranges::min_element(
      known, {}, [&](const std::string& candidate) { return distance(name, candidate); });
  std::string warning = "the environment variable " + name + " means nothing to this program";
  constexpr std::size_t kFarthest = 4;
  if (nearest != known.end() && distance(name, *nearest) <= kFarthest) {
    warning += "; did you mean " + *nearest + "?";
  }
  return warning;
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
  const auto isSet = [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr && *value != '\0';
  };
  if (isSet(own)) return own;
  for (const std::string_view other : others) {
    if (isSet(std::string(other))) return std::string(other);
  }
  return own;
}

std::string describe(const std::string& description, std::initializer_list<std::string_view> others) {
  std::string names;
  for (const std::string_view other : others) {
    names += names.empty() ? "" : ", then ";
    names += other;
  }
  return names.empty() ? description : description + " [also read from " + names + "]";
}

CLI::Validator notEmpty() {
  return CLI::Validator(
      [](const std::string& value) { return value.empty() ? "the value is empty" : std::string(); }, "",
      "not empty");
}

CLI::Option* addDurationFlag(CLI::App& command, const std::string& name, std::chrono::milliseconds& value,
                             std::string description, std::chrono::milliseconds least) {
  const auto set = [&value](const std::string& text) {
    value = std::chrono::milliseconds(parseGoDuration(text).value_or(0) / kNanosecondsInMillisecond);
  };
  const auto check = [least](const std::string& text) { return checkDuration(text, least); };
  return command.add_option_function<std::string>("--" + name, set, std::move(description))
      ->check(CLI::Validator(check, "DURATION", "duration"))
      ->type_name("DURATION")
      ->default_str(durationText(value))
      ->envname(environmentFor(name, {}));
}

CLI::Option* addSizeFlag(CLI::App& command, const std::string& name, std::size_t& value,
                         std::string description) {
  return command.add_option("--" + name, value, std::move(description))
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->type_name("SIZE")
      ->default_str(std::to_string(value))
      ->envname(environmentFor(name, {}));
}

std::string durationText(std::chrono::milliseconds duration) {
  return formatGoDuration(std::chrono::nanoseconds(duration).count());
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

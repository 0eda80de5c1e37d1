#pragma once

// How a flag is declared: once, with its description, default, range and environment variables. Help, the
// environment, the check for misspelt variables, the shell completions and docs/cli.md all come from that one
// declaration.

#include <chrono>
#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/environment.h"
#include "cli/flag_values.h"

namespace hydra_clients::cli {

inline constexpr Milliseconds kLongestDuration = std::chrono::hours(24);  ///< that a flag takes

/// Text behind a flag's description that names the other variables it is read from.
[[nodiscard]] std::string describe(const std::string& description,
                                   std::initializer_list<std::string_view> others);

/// Declares `--name VALUE`. `others`: further environment variables, in the order in which they are asked.
template <typename T>
CLI::Option* addFlag(CLI::App& command, const std::string& name, T& value, const std::string& description,
                     std::initializer_list<std::string_view> others = {}) {
  CLI::Option* option = nullptr;
  if constexpr (std::same_as<T, bool>) {
    option = command.add_flag("--" + name, value, describe(description, others));
    option->check(trueOrFalse());
  } else {
    option = command.add_option("--" + name, value, describe(description, others));
  }
  if constexpr (std::same_as<T, std::string>) option->check(notEmpty());
  return option->envname(environmentFor(name, others));
}

/// A flag whose value is one of a few words. The default is what `value` holds.
CLI::Option* addChoiceFlag(CLI::App& command, const std::string& name, std::string& value,
                           const std::string& description, const std::vector<std::string>& choices);

/// A flag whose value is a duration in Go's syntax: "30s", "1m30s", "500ms".
CLI::Option* addDurationFlag(CLI::App& command, const std::string& name, Milliseconds& value,
                             std::string description, Milliseconds least = Milliseconds(1),
                             Milliseconds most = kLongestDuration);

/// A flag whose value is a size: "1048576", "1MiB".
CLI::Option* addSizeFlag(CLI::App& command, const std::string& name, std::size_t& value,
                         std::string description, Range<std::size_t> range);

/// A flag whose value is a whole number.
CLI::Option* addCountFlag(CLI::App& command, const std::string& name, std::size_t& value,
                          const std::string& description, Range<std::size_t> range);

/// The same where the word "auto" may stand instead: 0.
CLI::Option* addCountOrAutoFlag(CLI::App& command, const std::string& name, std::size_t& value,
                                const std::string& description, Range<std::size_t> range);

/// Makes an option or an argument take one of `choices` only.
CLI::Option* takeOneOf(CLI::Option* option, const std::vector<std::string>& choices);

// What was declared, for the help texts, the completions and the docs.

/// "URL", "DURATION", "text|json"; empty for a switch.
[[nodiscard]] std::string valueNameOf(const CLI::Option& option);

/// {"text", "json"}; empty where the value is not one of a few words.
[[nodiscard]] std::vector<std::string> choicesOf(const CLI::Option& option);

[[nodiscard]] bool takesValue(const CLI::Option& option);

/// "from 10ms to 24h, default 1m"; empty where there is neither.
[[nodiscard]] std::string rangeAndDefaultOf(const CLI::Option& option);

}  // namespace hydra_clients::cli

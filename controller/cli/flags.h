#pragma once

// How a flag is declared: once, with its description, default and environment variables. Help, the
// environment, the check for misspelt variables and the shell completions all come from that one declaration.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace hydra_clients::cli {

inline constexpr std::string_view kEnvPrefix = "HYDRA_CLIENTS_";

/// "--access-token" → "HYDRA_CLIENTS_ACCESS_TOKEN".
[[nodiscard]] std::string environmentNameOf(std::string_view flag);

/// The first of the flag's variables that is set and not empty, else the flag's own.
[[nodiscard]] std::string environmentFor(std::string_view flag,
                                         std::initializer_list<std::string_view> others);

/// Text behind a flag's description that names the other variables it is read from.
[[nodiscard]] std::string describe(const std::string& description,
                                   std::initializer_list<std::string_view> others);

/// Refuses an empty value: `--pgp-key "$(…)"` must not mean "no key" where the command inside found none.
[[nodiscard]] CLI::Validator notEmpty();

/// Declares `--name VALUE`. `others`: further environment variables, in the order in which they are asked.
template <typename T>
CLI::Option* addFlag(CLI::App& command, const std::string& name, T& value, const std::string& description,
                     std::initializer_list<std::string_view> others = {}) {
  CLI::Option* option = nullptr;
  if constexpr (std::same_as<T, bool>) {
    option = command.add_flag("--" + name, value, describe(description, others));
  } else {
    option = command.add_option("--" + name, value, describe(description, others));
  }
  if constexpr (std::same_as<T, std::string>) option->check(notEmpty());
  return option->envname(environmentFor(name, others));
}

/// A flag whose value is a duration in Go's syntax: "30s", "1m30s", "500ms"; at least `least`.
CLI::Option* addDurationFlag(CLI::App& command, const std::string& name, std::chrono::milliseconds& value,
                             std::string description,
                             std::chrono::milliseconds least = std::chrono::milliseconds(1));

/// A flag whose value is a size: "1048576", "1MiB".
CLI::Option* addSizeFlag(CLI::App& command, const std::string& name, std::size_t& value,
                         std::string description);

/// "30s" for a default in a help text.
[[nodiscard]] std::string durationText(std::chrono::milliseconds duration);

/// Warnings for variables that begin with HYDRA_CLIENTS_ and mean nothing, each with a "did you mean";
/// without those that Kubernetes injects for a Service of that name, and those below `secretsPrefix`.
[[nodiscard]] std::vector<std::string> unknownVariables(const CLI::App& program,
                                                        const char* const* environment,
                                                        std::string_view secretsPrefix);

}  // namespace hydra_clients::cli

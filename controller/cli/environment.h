#pragma once

// The environment variables of the flags: which belongs to which, which was read, which means nothing.

#include <initializer_list>
#include <optional>
#include <span>
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

/// `message` with the variable's name in the place of the flag that it begins with, where the flag's value
/// came from the variable: it does not stand among `words`, the command line.
[[nodiscard]] std::string namedAsGiven(const CLI::App& command, const std::string& message,
                                       std::span<const char* const> words);

/// Warnings for variables that begin with HYDRA_CLIENTS_ and mean nothing, each with a "did you mean";
/// without those that Kubernetes injects for a Service of that name, and those below `secretsPrefix`.
[[nodiscard]] std::vector<std::string> unknownVariables(const CLI::App& program,
                                                        const char* const* environment,
                                                        std::string_view secretsPrefix);

}  // namespace hydra_clients::cli

#pragma once

// The pages of docs/ that are made from declarations: a test holds them equal.

#include <string>

#include <CLI/CLI.hpp>

namespace hydra_clients::cli {

/// docs/cli.md: every command with its flags, from their declarations.
[[nodiscard]] std::string cliPage(const CLI::App& program);

/// docs/metrics.md: every series of /metrics, from the table of telemetry.
[[nodiscard]] std::string metricsPage();

/// docs/rules.md: every rule of `validate`, from their table.
[[nodiscard]] std::string rulesPage();

}  // namespace hydra_clients::cli

#pragma once

// The pages of docs/ that are made from declarations: a test holds them equal.

#include <string>

#include <CLI/CLI.hpp>

namespace hydra_clients::cli {

/// docs/cli.md: every command with its flags, from their declarations.
[[nodiscard]] std::string cliPage(const CLI::App& program);

/// docs/hydra-clients.1, the manual page: the same for man(1).
[[nodiscard]] std::string manPage(const CLI::App& program);

/// docs/metrics.md: every series of /metrics, from the table of telemetry.
[[nodiscard]] std::string metricsPage();

/// docs/rules.md: every rule of `validate`, from their table, with what it says to an example.
[[nodiscard]] std::string rulesPage();

/// docs/fields.md: every field of a manifest, from their table and the schema.
[[nodiscard]] std::string fieldsPage();

}  // namespace hydra_clients::cli

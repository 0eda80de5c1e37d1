#pragma once

// What `validate` found, and the forms in which it says so.

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "cli/source_excerpt.h"
#include "manifest/fault.h"

namespace hydra_clients::cli {

/// The faults of all paths, sorted by place, and what could not be read at all, in words.
struct Verdict {
  std::vector<manifest::Fault> faults;
  std::vector<std::string> unreadable;
  std::size_t files = 0;
  std::size_t clients = 0;

  [[nodiscard]] std::size_t count(manifest::Severity severity) const;
  [[nodiscard]] bool good() const { return unreadable.empty() && count(manifest::Severity::kError) == 0; }
  /// "checked 212 clients in 180 files: 0 errors, 3 warnings".
  [[nodiscard]] std::string summary() const;
};

/// A file's text once more, for the lines that are shown; null where it cannot be had.
using TextOf = std::function<std::unique_ptr<SourceText>(const std::string& path)>;

/// As a compiler does: place, severity, message, and the line with a mark below it. `colours` for terminals.
void printText(std::ostream& out, const Verdict& verdict, const TextOf& textOf, bool colours);
/// One document with a `version` field.
void printJson(std::ostream& out, const Verdict& verdict);
/// SARIF 2.1.0, for code scanning (OASIS sarif-v2.1.0). Columns count code points.
void printSarif(std::ostream& out, const Verdict& verdict);
/// Workflow commands of GitHub Actions, which become annotations in a pull request.
void printGithub(std::ostream& out, const Verdict& verdict);

}  // namespace hydra_clients::cli

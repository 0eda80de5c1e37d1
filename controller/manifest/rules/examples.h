#pragma once

#include <span>
#include <string_view>

namespace hydra_clients::manifest {

/// A small file that breaks one rule, for the docs; a test proves each.
struct RuleExample {
  std::string_view rule;
  std::string_view file;   ///< the whole text
  std::string_view hydra;  ///< the version to judge it for; "" for the newest known
};

/// Sorted by rule. None for rules about files, links, and limits of size.
[[nodiscard]] std::span<const RuleExample> ruleExamples();
/// nullptr: the rule has none.
[[nodiscard]] const RuleExample* exampleOf(std::string_view rule);

}  // namespace hydra_clients::manifest

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "manifest/fault.h"

namespace hydra_clients::manifest {

/// What the user makes of the rules: `--rule NAME=error|warning|off`, `--strict`. Thread-safe once set.
class RuleSeverities {
 public:
  /// One setting, "scope-default=off"; of a rule that is set twice the last one counts. The error is in
  /// words: no such rule (with the one that was meant), no such severity, or a rule that cannot be changed,
  /// since the program stands on it (JSON that cannot be read, a client_id that stands twice, a value of a
  /// wrong type).
  [[nodiscard]] tl::expected<void, std::string> set(std::string_view setting);
  /// Warnings become errors, those that set() asked for as well.
  void makeStrict() { strict_ = true; }

  /// What a fault of the rule is, where it would be `byDefault`; nullopt: nothing, the rule is off.
  [[nodiscard]] std::optional<Severity> of(std::string_view rule, Severity byDefault) const;

 private:
  std::map<std::string, std::optional<Severity>, std::less<>> chosen_;
  bool strict_ = false;
};

}  // namespace hydra_clients::manifest

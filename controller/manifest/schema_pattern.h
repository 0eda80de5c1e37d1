#pragma once

// The keyword `pattern`, in place of valijson's own. That one makes a std::regex which calls itself once a
// character, so that 16 KiB of text overflow the stack, and tries patterns such as (a+)+$ for ever. libstdc++
// has a second engine, without back references, that follows all possibilities side by side: linear in the
// text, no recursion.

#include <memory>
#include <new>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include <valijson/constraint_builder.hpp>
#include <valijson/constraints/concrete_constraints.hpp>
#include <valijson/validation_results.hpp>

namespace hydra_clients::manifest {

/// The name that `pattern` gets in the document that valijson reads, so that it leaves the keyword to us.
inline constexpr const char* kPatternKeyword = "x-hydra-clients-pattern";
/// What is reported where a text does not match.
inline constexpr const char* kPatternFailure = "Failed to match regex";

class PatternConstraint final : public valijson::constraints::PolyConstraint {
 public:
  /// Throws std::regex_error.
  explicit PatternConstraint(const std::string& pattern)
      // A match may begin anywhere. That is part of the expression, since std::regex_search would start over
      // at each character.
      : regex_(std::make_shared<const std::regex>(
            "[\\s\\S]*(?:" + pattern + ")", std::regex::ECMAScript | std::regex_constants::__polynomial)) {}

  bool validate(const valijson::adapters::Adapter& target, const std::vector<std::string>& context,
                valijson::ValidationResults* results) const override {
    if (!target.isString()) return true;
    if (std::regex_search(target.asString(), *regex_, std::regex_constants::match_continuous)) return true;
    if (results != nullptr) results->pushError(context, kPatternFailure);
    return false;
  }

 private:
  Constraint* cloneInto(void* memory) const override { return new (memory) PatternConstraint(*this); }
  [[nodiscard]] std::size_t sizeOf() const override { return sizeof(*this); }

  std::shared_ptr<const std::regex> regex_;
};

class PatternBuilder final : public valijson::ConstraintBuilder {
 public:
  [[nodiscard]] valijson::constraints::Constraint* make(
      const valijson::adapters::Adapter& pattern) const override {
    return new PatternConstraint(pattern.asString());
  }
};

}  // namespace hydra_clients::manifest

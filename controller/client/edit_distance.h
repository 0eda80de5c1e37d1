#pragma once

// What was probably meant by a misspelt name: behind every "did you mean" of fields, commands, flags and
// variables.

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace hydra_clients {

/// The number of insertions, deletions, substitutions and swaps of neighbours that make `a` of `b` (optimal
/// string alignment), or more than `most` where it is more. Bytes, not characters.
[[nodiscard]] std::size_t editDistance(std::string_view a, std::string_view b, std::size_t most);

/// The one of `known` that was probably meant by `written`, where one is near enough: the same without regard
/// to case, "-", "_", ":" and blanks, or at most a third of its letters wrong; else the only one that begins
/// so.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view written,
                                                      std::span<const std::string_view> known);

}  // namespace hydra_clients

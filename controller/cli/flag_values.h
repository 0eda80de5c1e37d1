#pragma once

// The values of flags as people write them, and the checks that say in words what may be written.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace hydra_clients::cli {

using Milliseconds = std::chrono::milliseconds;

/// What a value may be; both ends belong to it.
template <typename T>
struct Range {
  T least;
  T most;
};

/// "30s", "1m30s", "24h".
[[nodiscard]] std::string durationText(Milliseconds duration);

/// Bytes of "1048576", "16KiB", "1M" (units are binary, case does not matter); nullopt for anything else and
/// where it does not fit 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parseSize(std::string_view text);

/// "16KiB": in the largest unit that divides it.
[[nodiscard]] std::string sizeText(std::uint64_t bytes);

/// In capitals and without blanks.
[[nodiscard]] std::string plainFingerprint(std::string_view text);

// Each refuses what it does not take, in words that name what it takes.

/// An empty value: `--pgp-key "$(…)"` must not mean "no key" where the command inside found none.
[[nodiscard]] CLI::Validator notEmpty();
[[nodiscard]] CLI::Validator trueOrFalse();
/// A whole fingerprint of an OpenPGP key, as gpg prints it: a short id can be made to fit.
[[nodiscard]] CLI::Validator wholeFingerprint();
[[nodiscard]] CLI::Validator oneOf(std::vector<std::string> choices);
/// A version of Hydra that there is, or may be one day.
[[nodiscard]] CLI::Validator hydraVersion();
/// A duration in Go's syntax; a bare number is none: "30" could be anything.
[[nodiscard]] CLI::Validator durationWithin(Range<Milliseconds> range);
[[nodiscard]] CLI::Validator sizeWithin(Range<std::size_t> range);
[[nodiscard]] CLI::Validator countWithin(Range<std::size_t> range);
/// The same, or one word.
[[nodiscard]] CLI::Validator countOrWord(Range<std::size_t> range, std::string word);

}  // namespace hydra_clients::cli

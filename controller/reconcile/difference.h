#pragma once

// How a live client differs from its manifest, for people.

#include <string>
#include <string_view>
#include <vector>

#include "client/json.h"
#include "manifest/manifest.h"

namespace hydra_clients::reconcile {

/// A declared field that differs. The values are compact JSON, cut to kLongestShown bytes, "null" where a
/// side has none; both are "" for jwks (it may hold private keys) and metadata (anything may stand there).
struct Difference {
  std::string_view field;
  std::string manifest;
  std::string hydra;
  std::vector<std::string> within;  ///< metadata: RFC 6901 pointers of what differs, kMostNamed at most

  static constexpr std::size_t kMostNamed = 8;
  static constexpr std::size_t kLongestShown = 200;
};

/// The differences in the fields named, in their order.
[[nodiscard]] std::vector<Difference> differencesIn(const std::vector<std::string_view>& fields,
                                                    const manifest::Manifest& manifest,
                                                    const json::Value& live);

/// "scope: the manifest has "a", Hydra has "b"", "metadata: differs at /team".
[[nodiscard]] std::string inWords(const Difference& difference);

}  // namespace hydra_clients::reconcile

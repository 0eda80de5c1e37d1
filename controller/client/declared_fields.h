#pragma once

// What is remembered of a manifest's fields for its comparison with live clients.

#include <array>
#include <bitset>
#include <string_view>
#include <vector>

#include "client/canonical.h"
#include "client/fields.h"
#include "client/json.h"

namespace hydra_clients {

/// The fields that a manifest declares, small enough to be kept of a hundred thousand: which they are, and
/// one digest (128 bits of SHA-256) of all their canonical values. It tells that a live client is in sync;
/// what differs, where it does not, is for CanonicalFields to tell. Immutable.
class DeclaredFields {
 public:
  DeclaredFields() = default;
  /// `version`: the Hydra that most comparisons will be with. Fields that it does not know are not compared.
  DeclaredFields(const CanonicalFields& declared, const HydraVersion& version);
  bool operator==(const DeclaredFields&) const = default;

  /// true: the live client has no differing field. false: it may have one. That is a matter of the fields
  /// alone where `version` knows the same of them as the one that this was made for.
  [[nodiscard]] bool areIn(const json::Value& liveClient, const HydraVersion& version) const;

  /// Declared, not empty, and not known by that version: Hydra drops these without a word.
  [[nodiscard]] std::vector<std::string_view> unknownTo(const HydraVersion& version) const;

 private:
  static constexpr std::size_t kMostFields = 64;
  using FieldSet = std::bitset<kMostFields>;  ///< by index in allFields()
  using Digest = std::array<unsigned char, 16>;

  FieldSet declared_;
  FieldSet filled_;    ///< those of them that are not declared empty
  FieldSet digested_;  ///< those of them that the digest covers
  Digest digest_{};
};

}  // namespace hydra_clients

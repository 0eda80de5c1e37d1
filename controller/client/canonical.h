#pragma once

// The canonical form: one text per field value, equal exactly where Hydra would treat two values as the same
// (design §2). Both sides of a comparison, a manifest and a live client, are brought into it by this one
// function.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "client/fields.h"
#include "client/json.h"

namespace hydra_clients {

/// A field's value in canonical form; "" is "empty or absent".
/// `value` may be nullptr (absent) and of any JSON kind: a value of the wrong kind gets a canonical text of
/// its own, so that it never equals a right one. Never throws. Thread-safe.
[[nodiscard]] std::string canonicalValue(const Field& field, const json::Value* value);

/// The fields that a manifest declares, each in canonical form, sorted by their place in the table.
class CanonicalFields {
 public:
  struct Entry {
    std::uint8_t field;     ///< index in allFields()
    std::string canonical;  ///< "" declares "empty"
  };

  /// From a client object. Only fields that are compared are kept.
  static CanonicalFields of(const json::Value& client);

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  /// The names of the declared fields whose live value differs, in the table's order; empty where in sync.
  /// A field that `version` does not know is not a difference (see DeclaredFields::unknownTo).
  [[nodiscard]] std::vector<std::string_view> differingFrom(const json::Value& liveClient,
                                                            const HydraVersion& version) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace hydra_clients

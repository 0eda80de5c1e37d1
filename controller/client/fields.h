#pragma once

// The one table of what an ORY Hydra client may hold. The schema, the comparison, the rules, the export and
// the docs are all held against it; a field that Hydra gains is one more row here. Source: ory/hydra
// client/client.go and client/validator.go of each tag, v1.9.2 to v26.2.0.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "client/hydra_version.h"

namespace hydra_clients {

/// How a field's value is written, and with it how two values of it are compared.
enum class FieldType : std::uint8_t {
  kString,     ///< "" means absent
  kBoolean,    ///< false means absent
  kStringSet,  ///< array of strings; order and repetition mean nothing; [] means absent
  kScope,      ///< words separated by spaces, a set
  kOrigins,    ///< array of CORS origins, as Hydra stores them
  kDuration,   ///< Go duration; compared by value; null means absent
  kStrategy,   ///< a word, compared without case
  kKeySet,     ///< JSON Web Key Set, by the members that Hydra keeps
  kMetadata,   ///< any JSON object, compared exactly
  kSecret,     ///< write-only, never compared
  kReadOnly,   ///< made by Hydra; a manifest must not hold it
  kClientId,   ///< the key of it all
};

/// What Hydra puts where the manifest says "empty".
enum class WhenEmpty : std::uint8_t {
  kStaysEmpty,    ///< empty equals absent
  kHydraDefault,  ///< Hydra fills in its default: an empty declaration is not compared
};

struct Field {
  std::string_view name;
  FieldType type;
  HydraVersion since;                 ///< the first version that knows it
  std::optional<HydraVersion> until;  ///< the first version that no longer knows it
  WhenEmpty whenEmpty = WhenEmpty::kStaysEmpty;

  [[nodiscard]] bool knownBy(const HydraVersion& version) const;
  [[nodiscard]] bool compared() const;
};

/// Every field of Hydra's client model, sorted by name.
[[nodiscard]] std::span<const Field> allFields();
/// The field of that exact name, or nullptr.
[[nodiscard]] const Field* findField(std::string_view name);
/// Its place in allFields(), for compact maps.
[[nodiscard]] std::size_t indexOf(const Field&);

/// Keys that a manifest may hold beside Hydra's own (design §4).
inline constexpr std::string_view kSchemaKey = "$schema";
inline constexpr std::string_view kCommentKey = "$comment";
inline constexpr std::string_view kSecretFromKey = "client_secret_from";

/// The member of `metadata` that this program stamps, and what it holds: {"hydra_clients": {"import": "…"}}.
inline constexpr std::string_view kStampKey = "hydra_clients";

}  // namespace hydra_clients

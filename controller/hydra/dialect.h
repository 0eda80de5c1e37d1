#pragma once

// How Hydra's versions differ. Nothing else in the program knows.

#include <optional>
#include <string>
#include <string_view>

#include "client/client_id.h"
#include "client/hydra_version.h"

namespace hydra_clients::hydra {

/// The families of ../hydra's admin API that behave differently on the wire.
enum class Family {
  kV1,    ///< v1.9 - v1.11: /clients, limit and offset
  kV2_0,  ///< v2.0, v2.1: /admin/clients, page tokens that are offsets, chosen ids refused
  kV2_2,  ///< v2.2, v2.3: as before, chosen ids taken
  kV25,   ///< v25, v26: keyset page tokens, no X-Total-Count
};

struct Dialect {
  Family family = Family::kV2_2;
  HydraVersion version;  ///< as /version says; where that says nothing useful, the newest of the family
  bool versionIsKnown = false;  ///< false: derived from behaviour

  bool operator==(const Dialect&) const = default;

  [[nodiscard]] std::string_view clientsPath() const;  ///< "/clients" or "/admin/clients"
  [[nodiscard]] bool takesChosenIds() const { return family != Family::kV2_0; }
  [[nodiscard]] std::string_view metricsPath() const;  ///< of Hydra's own metrics, on the admin port
  [[nodiscard]] int maxPageSize() const;
  /// Whether GET by id can find it: an id with "/" cannot be addressed before v25; ".", ".." and a trailing
  /// "/" have traps of their own.
  [[nodiscard]] bool addressable(const ClientId&) const;
  [[nodiscard]] std::string clientTarget(const ClientId&) const;  ///< "/admin/clients/team%2Fa"
  [[nodiscard]] std::string text() const;  ///< "Hydra v2.3.0", "Hydra v1 (version not told)"
};

}  // namespace hydra_clients::hydra

#include "hydra/dialect.h"

namespace hydra_clients::hydra {

std::string_view Dialect::clientsPath() const {
  return family == Family::kV1 ? "/clients" : "/admin/clients";
}

std::string_view Dialect::metricsPath() const {
  constexpr HydraVersion kBelowAdmin{2, 1, 0};  // seen on real v1.11.10 and v2.3.0
  return version < kBelowAdmin ? "/metrics/prometheus" : "/admin/metrics/prometheus";
}

int Dialect::maxPageSize() const {
  switch (family) {
    case Family::kV1:  // ory/x pagination/parse.go
      return 500;
    case Family::kV2_0:  // ory/x pagination/tokenpagination
    case Family::kV2_2:
      return 1000;
    case Family::kV25:  // oryx/pagination/keysetpagination_v2; the specification claims 1000
      break;
  }
  return 500;
}

bool Dialect::addressable(const ClientId& id) const {
  if (id.empty() || id == "." || id == "..") return false;  // Go's routers clean such a path and redirect
  // httprouter matches the decoded path; ServeMux, since v25, the encoded one, but a trailing slash is
  // trimmed.
  return family == Family::kV25 ? !id.ends_with('/') : id.find('/') == ClientId::npos;
}

std::string Dialect::clientTarget(const ClientId& id) const {
  return std::string(clientsPath()) + "/" + percentEncode(id);
}

std::string Dialect::text() const {
  if (versionIsKnown) return "Hydra " + version.text();
  switch (family) {
    case Family::kV1:
      return "Hydra v1 (version not told)";
    case Family::kV2_0:
      return "Hydra v2.0 or v2.1 (version not told)";
    case Family::kV2_2:
      return "Hydra v2 (version not told)";
    case Family::kV25:
      break;
  }
  return "Hydra v25 or newer (version not told)";
}

}  // namespace hydra_clients::hydra

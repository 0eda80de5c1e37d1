#include "manifest/manifest.h"

#include "client/canonical.h"
#include "client/json.h"

namespace hydra_clients::manifest {

std::vector<std::string_view> Manifest::differingFrom(const json::Value& liveClient,
                                                      const HydraVersion& version) const {
  if (declared.areIn(liveClient, version)) return {};
  return CanonicalFields::of(json::parse(fields).value()).differingFrom(liveClient, version);
}

}  // namespace hydra_clients::manifest

#include "manifest/rules/rule.h"

namespace hydra_clients::manifest {

// Source: ory/hydra client/handler.go (an empty client_id gets a UUID), design §2.
void checkIdentity(const RuleContext& context) {
  const json::Value* const id = context.stated("client_id");
  if (context.forImport || (id != nullptr && !(id->isString() && id->text.empty()))) return;
  context.report("client-id-missing", id != nullptr ? "/client_id" : "", id != nullptr ? *id : context.client,
                 "client_id is missing: a control loop would create a new client every cycle",
                 "give the client an id of its own, such as \"shop-web\"");
}

}  // namespace hydra_clients::manifest

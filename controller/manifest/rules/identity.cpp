#include "manifest/rules/characters.h"
#include "manifest/rules/rule.h"

namespace hydra_clients::manifest {
namespace {

// Source: RFC 6749 appendix A.1 (client-id = *VSCHAR). Hydra stores any text.
void checkCharacters(const RuleContext& context) {
  const auto character = firstUnprintable(context.text("client_id"));
  if (!character) return;
  context.reportField(
      "client-id-characters", "client_id",
      "holds " + nameOf(*character) +
          ": RFC 6749 has a client_id of printable ASCII characters, and what looks like this "
          "one may be another client",
      "write it with ASCII letters, digits, - and .");
}

// Source: ory/hydra client/handler.go (an empty client_id gets a UUID), design §2.
void checkPresence(const RuleContext& context) {
  const json::Value* const id = context.stated("client_id");
  if (context.forImport || (id != nullptr && !(id->isString() && id->text.empty()))) return;
  context.report("client-id-missing", id != nullptr ? "/client_id" : "", id != nullptr ? *id : context.client,
                 "client_id is missing: a control loop would create a new client every cycle",
                 "give the client an id of its own, such as \"shop-web\"");
}

}  // namespace

void checkIdentity(const RuleContext& context) {
  checkPresence(context);
  checkCharacters(context);
}

}  // namespace hydra_clients::manifest

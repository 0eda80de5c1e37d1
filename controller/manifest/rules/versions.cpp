#include "client/canonical.h"
#include "client/fields.h"
#include "manifest/rules/rule.h"

namespace hydra_clients::manifest {

// Source: the table of fields (client/fields.h). A field that is stated as empty loses nothing.
void checkVersions(const RuleContext& context) {
  for (const json::Member& member : context.client.members) {
    const Field* const field = findField(member.name);
    if (field == nullptr || !field->compared() || field->knownBy(context.hydra)) continue;
    if (canonicalValue(*field, &member.value).empty()) continue;
    const std::string since = field->until && context.hydra >= *field->until
                                  ? "was dropped in " + field->until->text()
                                  : "came with " + field->since.text();
    context.reportField(
        "unknown-to-version", member.name,
        "Hydra " + context.hydra.text() + " does not know this field and drops it; it " + since);
  }
}

}  // namespace hydra_clients::manifest

#include <string>
#include <string_view>

#include "client/fields.h"
#include "manifest/rules/rule.h"

namespace hydra_clients::manifest {
namespace {

constexpr HydraVersion kV1_11{1, 11, 0};
constexpr HydraVersion kV2_0{2, 0, 0};

/// Whether an element that is stored with others comes back as it was.
bool survives(std::string_view element, const HydraVersion& hydra) {
  if (hydra < kV1_11) return element.find('|') == std::string_view::npos;  // nothing is escaped
  const bool isEscapedTwice =
      element.find("||") != std::string_view::npos || element.find("\\|") != std::string_view::npos;
  return !isEscapedTwice && !element.ends_with('|') && !element.ends_with('\\');
}

}  // namespace

// Source: ory/x sqlxx/types.go as v1.9 to v1.11 have it; v1.11.10 run.
void checkLists(const RuleContext& context) {
  if (context.hydra >= kV2_0) return;
  for (const Field& field : allFields()) {
    if (field.type != FieldType::kStringSet && field.type != FieldType::kOrigins) continue;
    const json::Value* const list = context.client.find(field.name);
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
      const json::Value& item = list->items[i];
      if (!item.isString() || survives(item.text, context.hydra)) continue;
      context.report("list-separator", json::pointerTo("/" + std::string(field.name), i), item,
                     "Hydra v1 stores lists joined by \"|\", and would give this element back as another",
                     "in a URI write %7C for | and %5C for \\");
    }
  }
}

}  // namespace hydra_clients::manifest

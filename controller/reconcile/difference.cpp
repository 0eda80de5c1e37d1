#include "reconcile/difference.h"

#include "client/fields.h"
#include "client/utf8.h"

namespace hydra_clients::reconcile {
namespace {

bool mayBeShown(std::string_view name) {
  const Field* field = findField(name);
  return field != nullptr && field->type != FieldType::kKeySet && field->type != FieldType::kMetadata;
}

std::string shown(const json::Value* value) {
  std::string text = value == nullptr ? "null" : json::write(*value);
  if (text.size() <= Difference::kLongestShown) return text;
  std::size_t end = Difference::kLongestShown;
  while (end > 0 && isUtf8Continuation(text[end])) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::vector<Difference> differencesIn(const std::vector<std::string_view>& fields,
                                      const manifest::Manifest& manifest, const json::Value& live) {
  std::vector<Difference> differences;
  if (fields.empty()) return differences;
  const auto declared = json::parse(manifest.fields);
  differences.reserve(fields.size());
  for (const std::string_view name : fields) {
    Difference difference{name, "", ""};
    if (mayBeShown(name)) {
      difference.manifest = shown(declared ? declared->find(name) : nullptr);
      difference.hydra = shown(live.find(name));
    }
    differences.push_back(std::move(difference));
  }
  return differences;
}

std::string inWords(const Difference& difference) {
  const std::string name(difference.field);
  if (difference.manifest.empty()) return name + ": differs";
  return name + ": the manifest has " + difference.manifest + ", Hydra has " + difference.hydra;
}

}  // namespace hydra_clients::reconcile

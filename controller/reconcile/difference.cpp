#include "reconcile/difference.h"

#include <algorithm>

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
  while (isUtf8Continuation(text[end])) --end;
  return text.substr(0, end) + "…";
}

bool same(const json::Value* a, const json::Value* b) {
  return a != nullptr && b != nullptr && json::canonical(*a) == json::canonical(*b);
}

/// Names what differs within two objects, member by member; a stack instead of recursion, since the live one
/// may be nested as deep as Hydra takes it.
std::vector<std::string> differingWithin(const json::Value* declared, const json::Value* live) {
  struct Pair {
    std::string pointer;
    const json::Value* declared;
    const json::Value* live;
  };
  std::vector<std::string> found;
  std::vector<Pair> open{{"", declared, live}};
  while (!open.empty() && found.size() < Difference::kMostNamed) {
    const Pair pair = std::move(open.back());
    open.pop_back();
    if (same(pair.declared, pair.live)) continue;
    const bool both = pair.declared != nullptr && pair.live != nullptr;
    if (!both || !pair.declared->isObject() || !pair.live->isObject()) {
      if (!pair.pointer.empty()) found.push_back(pair.pointer);
      continue;
    }
    for (const json::Member& member : pair.declared->members) {
      open.push_back(
          {json::pointerTo(pair.pointer, member.name), &member.value, pair.live->find(member.name)});
    }
    for (const json::Member& member : pair.live->members) {
      if (pair.declared->find(member.name) != nullptr) continue;
      if (pair.pointer.empty() && member.name == kStampKey) continue;  // no difference: design §6
      open.push_back({json::pointerTo(pair.pointer, member.name), nullptr, &member.value});
    }
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

std::vector<Difference> differencesIn(const std::vector<std::string_view>& fields,
                                      const manifest::Manifest& manifest, const json::Value& live) {
  if (fields.empty()) return {};
  std::vector<Difference> differences;
  const json::Value declared = json::parse(manifest.fields).value();
  differences.reserve(fields.size());
  for (const std::string_view name : fields) {
    Difference difference{name, "", "", {}};
    if (mayBeShown(name)) {
      difference.manifest = shown(declared.find(name));
      difference.hydra = shown(live.find(name));
    } else if (name == "metadata") {
      difference.within = differingWithin(declared.find(name), live.find(name));
    }
    differences.push_back(std::move(difference));
  }
  return differences;
}

std::string inWords(const Difference& difference) {
  const std::string name(difference.field);
  std::string places;
  for (const std::string& pointer : difference.within) places += (places.empty() ? " at " : ", ") + pointer;
  if (difference.manifest.empty()) return name + ": differs" + places;
  return name + ": the manifest has " + difference.manifest + ", Hydra has " + difference.hydra;
}

}  // namespace hydra_clients::reconcile

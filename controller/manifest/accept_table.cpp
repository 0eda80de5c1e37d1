#include "manifest/accept_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kDeepest = 32;  // of schemas that are translated; a deeper one is valijson's

constexpr std::array<std::string_view, 9> kAnnotations = {
    "$comment", "$id", "$schema", "default", "definitions", "description", "examples", "title", "readOnly"};

std::uint8_t bitOf(json::Kind kind) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind)); }

/// The kinds that a name of `type` stands for. "integer" is left to valijson.
std::optional<std::uint8_t> kindsOf(const json::Value& type) {
  if (!type.isString()) return std::nullopt;
  if (type.text == "null") return bitOf(json::Kind::kNull);
  if (type.text == "boolean") return bitOf(json::Kind::kBool);
  if (type.text == "number") return bitOf(json::Kind::kNumber);
  if (type.text == "string") return bitOf(json::Kind::kString);
  if (type.text == "array") return bitOf(json::Kind::kArray);
  if (type.text == "object") return bitOf(json::Kind::kObject);
  return std::nullopt;
}

std::optional<std::uint64_t> countOf(const json::Value& value) {
  std::uint64_t count = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto read = std::from_chars(value.text.data(), end, count);
  if (!value.isNumber() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return count;
}

bool isPlainScalar(const json::Value& value) { return value.isString() || value.isNull() || value.isBool(); }

bool sameScalar(const json::Value& a, const json::Value& b) {
  if (a.kind != b.kind) return false;
  return a.isString() ? a.text == b.text : a.isNull() || (a.isBool() && a.boolean == b.boolean);
}

}  // namespace

AcceptTable::AcceptTable(const json::Value& schema) { root_ = compile(schema, 0); }

AcceptTable::NodeIndex AcceptTable::compile(const json::Value& schema, std::size_t depth) {
  if (schema.isBool()) return schema.boolean ? kAnything : kCannotSay;
  if (!schema.isObject() || depth > kDeepest) return kCannotSay;
  Node node;
  for (const json::Member& keyword : schema.members) {
    if (!compileKeyword(node, keyword, depth)) return kCannotSay;
  }
  nodes_.push_back(std::move(node));
  return static_cast<NodeIndex>(nodes_.size() - 1);
}

bool AcceptTable::compileKeyword(Node& node, const json::Member& keyword, std::size_t depth) {
  const auto& [name, at, value] = keyword;
  if (std::ranges::find(kAnnotations, name) != kAnnotations.end()) return true;
  if (name == "type") {
    node.kinds = value.isArray() ? 0 : kindsOf(value).value_or(0);
    for (const json::Value& one : value.items) node.kinds |= kindsOf(one).value_or(0);
    return true;
  }
  if (name == "enum") {
    node.oneOf = value.items;
    return !value.items.empty() && std::ranges::all_of(value.items, isPlainScalar);
  }
  if (name == "properties") return compileProperties(node, value, depth);
  if (name == "additionalProperties") {
    node.othersAllowed = value.boolean;
    return value.isBool();
  }
  if (name == "required") {
    for (const json::Value& one : value.items) node.required.push_back(one.text);
    return value.isArray();
  }
  if (name == "items") {
    node.items = compile(value, depth + 1);
    return value.isObject() || value.isBool();
  }
  // A node speaks of properties or of items, not of both: the bounds would be mixed up.
  const bool isMinimum = name == "minProperties" || name == "minItems";
  if (!isMinimum && name != "maxProperties" && name != "maxItems") return false;
  const bool ofItems = name.ends_with("Items");
  const auto count = countOf(value);
  if (!count || node.kinds == 0xFF ||
      (node.kinds & bitOf(ofItems ? json::Kind::kObject : json::Kind::kArray)) != 0) {
    return false;
  }
  (isMinimum ? node.minimum : node.maximum) = *count;
  return true;
}

bool AcceptTable::compileProperties(Node& node, const json::Value& properties, std::size_t depth) {
  for (const json::Member& property : properties.members) {
    node.properties.emplace_back(property.name, compile(property.value, depth + 1));
  }
  std::ranges::sort(node.properties, {}, &std::pair<std::string, NodeIndex>::first);
  return properties.isObject();
}

bool AcceptTable::accepts(NodeIndex index, const json::Value& value) const {
  if (index == kAnything) return true;
  if (index == kCannotSay) return false;
  const Node& node = nodes_[index];
  if ((node.kinds & bitOf(value.kind)) == 0) return false;
  if (!node.oneOf.empty() &&
      std::ranges::none_of(node.oneOf, [&](const json::Value& one) { return sameScalar(one, value); })) {
    return false;
  }
  if (value.isObject()) return acceptsMembers(node, value);
  if (!value.isArray()) return true;
  if (value.items.size() < node.minimum || value.items.size() > node.maximum) return false;
  return std::ranges::all_of(value.items, [&](const json::Value& item) { return accepts(node.items, item); });
}

bool AcceptTable::acceptsMembers(const Node& node, const json::Value& object) const {
  if (object.members.size() < node.minimum || object.members.size() > node.maximum) return false;
  for (const json::Member& member : object.members) {
    const auto found =
        std::lower_bound(node.properties.begin(), node.properties.end(), member.name,
                         [](const auto& property, const std::string& name) { return property.first < name; });
    if (found == node.properties.end() || found->first != member.name) {
      if (!node.othersAllowed) return false;
    } else if (!accepts(found->second, member.value)) {
      return false;
    }
  }
  return std::ranges::all_of(node.required,
                             [&](const std::string& name) { return object.find(name) != nullptr; });
}

}  // namespace hydra_clients::manifest

#include "client/canonical.h"

#include <algorithm>
#include <optional>

#include "client/ascii.h"
#include "client/duration.h"
#include "client/go_url.h"
#include "client/hex.h"
#include "client/key_set.h"

namespace hydra_clients {
namespace {

using json::Value;

/// A value of a kind that the field does not take: equal to nothing but itself.
std::string foreign(const Value& value) { return "?" + json::canonical(value); }

std::string joinSet(std::vector<std::string> elements) {
  std::ranges::sort(elements);
  elements.erase(std::ranges::unique(elements).begin(), elements.end());
  std::string joined;
  for (const std::string& element : elements) joined += json::quote(element);
  return joined;
}

/// Non-ASCII bytes and what no host has, percent-encoded (Go's escape of a host).
std::string escapedHost(std::string_view host) {
  constexpr std::string_view kUpperHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : host) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && c != '%') {
      escaped += c;
    } else {
      escaped += '%';
      escaped += kUpperHex[byte >> 4U];
      escaped += kUpperHex[byte & 0xFU];
    }
  }
  return escaped;
}

/// An origin as Hydra stores it: Go's url.Parse and String() with the path taken off (client/validator.go).
std::string canonicalOrigin(std::string_view origin) {
  const auto url = GoUrl::parse(origin);
  if (!url || url->scheme.empty()) return std::string(origin);
  std::string stored = url->scheme + ':';
  if (!url->opaque.empty()) {
    stored += url->opaque;
  } else if (!url->host.empty() || url->userinfo) {
    stored += "//" + (url->userinfo ? *url->userinfo + "@" : std::string()) + escapedHost(url->host);
  }
  if (url->forceQuery || !url->query.empty()) stored += "?" + url->query;
  return stored;
}

std::string canonicalSet(const Value& value, bool origins) {
  if (!value.isArray()) return foreign(value);
  std::vector<std::string> elements;
  for (const Value& item : value.items) {
    if (item.isNull() || (item.isString() && item.text.empty())) continue;  // v1 drops empty elements
    if (!item.isString()) return foreign(value);
    elements.push_back(origins ? canonicalOrigin(item.text) : item.text);
  }
  return joinSet(std::move(elements));
}

std::string canonicalScope(const Value& value) {
  if (!value.isString()) return foreign(value);
  std::vector<std::string> words;
  std::string_view rest = value.text;
  while (!rest.empty()) {
    const std::size_t length = std::min(rest.find(' '), rest.size());
    if (length > 0) words.emplace_back(rest.substr(0, length));
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
  return joinSet(std::move(words));
}

std::string canonicalDuration(const Value& value) {
  if (!value.isString()) return foreign(value);
  const auto nanoseconds = parseGoDuration(value.text);
  return nanoseconds ? std::to_string(*nanoseconds) : foreign(value);
}

bool isEmptyForm(const Value& value) {
  return (value.isBool() && !value.boolean) || (value.isString() && value.text.empty()) ||
         (value.isArray() && value.items.empty()) || (value.isObject() && value.members.empty());
}

/// `metadata` without the stamp of a generated secret (design §6).
std::string canonicalMetadata(const Value& value) {
  const Value* stamp = value.find(kStampKey);
  if (stamp == nullptr || stamp->find("import") == nullptr) return json::canonical(value);
  Value bare = value;
  std::erase_if(bare.members, [](json::Member& member) {
    if (member.name != kStampKey) return false;
    std::erase_if(member.value.members, [](const json::Member& inner) { return inner.name == "import"; });
    return member.value.members.empty();
  });
  return bare.members.empty() ? "" : json::canonical(bare);
}

/// v1 stores lists joined by "|" and escapes that badly or not at all (hydra-admin-api §0b): what is left of
/// a list that any of its versions stored, for a comparison that cannot be finer than the storage.
std::string asV1Stores(std::string_view canonicalSetText) {
  std::vector<std::string> elements(1);
  for (const char c : canonicalSetText) {
    if (c == '|' || c == '"') {
      elements.emplace_back();
    } else if (c != '\\') {
      elements.back() += c;
    }
  }
  return joinSet(std::move(elements));
}

bool isList(const Field& field) {
  return field.type == FieldType::kStringSet || field.type == FieldType::kOrigins;
}

bool sameOn(const HydraVersion& version, const Field& field, const std::string& declared,
            const std::string& live) {
  if (declared == live) return true;
  const bool barsMatter =
      isList(field) && version < HydraVersion{2, 0, 0} && declared.find_first_of("|\\") != std::string::npos;
  return barsMatter && asV1Stores(declared) == asV1Stores(live);
}

}  // namespace

std::string canonicalValue(const Field& field, const Value* value) {
  if (value == nullptr || value->isNull()) return "";
  switch (field.type) {
    case FieldType::kBoolean:
      if (!value->isBool()) return foreign(*value);
      return value->boolean ? "true" : "";
    case FieldType::kStringSet:
      return canonicalSet(*value, /*origins=*/false);
    case FieldType::kOrigins:
      return canonicalSet(*value, /*origins=*/true);
    case FieldType::kScope:
      return canonicalScope(*value);
    case FieldType::kDuration:
      return canonicalDuration(*value);
    case FieldType::kStrategy:
      return value->isString() ? lowerCase(value->text) : foreign(*value);
    case FieldType::kKeySet:
      return canonicalKeySet(*value);
    case FieldType::kMetadata:
      return isEmptyForm(*value) ? "" : canonicalMetadata(*value);
    default:
      return value->isString() ? value->text : foreign(*value);
  }
}

CanonicalFields CanonicalFields::of(const Value& client) {
  CanonicalFields fields;
  for (const json::Member& member : client.members) {
    const Field* field = findField(member.name);
    if (field == nullptr || !field->compared()) continue;
    std::string canonical = canonicalValue(*field, &member.value);
    if (canonical.empty() && field->whenEmpty == WhenEmpty::kHydraDefault) continue;
    fields.entries_.push_back({static_cast<std::uint8_t>(indexOf(*field)), std::move(canonical)});
  }
  std::ranges::sort(fields.entries_, {}, &Entry::field);
  return fields;
}

std::vector<std::string_view> CanonicalFields::differingFrom(const Value& liveClient,
                                                             const HydraVersion& version) const {
  std::vector<std::string_view> names;
  for (const Entry& entry : entries_) {
    const Field& field = allFields()[entry.field];
    if (!field.knownBy(version)) continue;
    if (!sameOn(version, field, entry.canonical, canonicalValue(field, liveClient.find(field.name)))) {
      names.push_back(field.name);
    }
  }
  return names;
}

}  // namespace hydra_clients

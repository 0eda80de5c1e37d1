// The comparison of two clients: a client equals itself however it is written, and which of two is the
// manifest and which the live one changes no verdict.

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "client/canonical.h"
#include "client/json.h"
#include "memory_bound.h"
#include "property.h"

namespace hydra_clients::fuzz {
namespace {

using json::Strictness;
using json::Value;

/// As for the reader, with a canonical form and a second reading beside it.
constexpr std::size_t kMemoryMultiple = 600;
constexpr std::array kVersions = std::to_array<HydraVersion>({{1, 11, 10}, {2, 1, 2}, {2, 3, 0}, {26, 2, 0}});

/// The one client of a text, where it may stand in a manifest; repeated names have no one meaning.
std::optional<Value> clientOf(std::string_view text) {
  auto value = json::parse(text, Strictness::kManifest);
  if (!value || !value->isObject()) return std::nullopt;
  return std::move(*value);
}

/// Members and elements of sets the other way round.
Value reversed(const Value& client) {
  Value turned = client;
  std::ranges::reverse(turned.members);
  for (json::Member& member : turned.members) {
    const Field* field = findField(member.name);
    if (field == nullptr) continue;
    if (field->type == FieldType::kStringSet || field->type == FieldType::kOrigins) {
      std::ranges::reverse(member.value.items);
    }
  }
  return turned;
}

void requireSameFields(const CanonicalFields& one, const CanonicalFields& other, std::string_view property) {
  require(one.entries().size() == other.entries().size(), property, "another number of fields");
  for (std::size_t i = 0; i < one.entries().size(); ++i) {
    require(one.entries()[i].field == other.entries()[i].field, property, "another field");
    requireEqual(one.entries()[i].canonical, other.entries()[i].canonical, property);
  }
}

void requireInSync(const CanonicalFields& declared, const Value& live, std::string_view property) {
  for (const HydraVersion& version : kVersions) {
    const auto differing = declared.differingFrom(live, version);
    require(differing.empty(), property, differing.empty() ? "" : differing.front());
  }
}

void requireOneMeaning(const Value& client) {
  const CanonicalFields fields = CanonicalFields::of(client);
  requireInSync(fields, client, "a client equals itself");
  for (const std::string& text : {json::write(client), json::writePretty(client)}) {
    const auto again = json::parse(text);
    require(again.has_value(), "what is written can be read", text);
    requireSameFields(CanonicalFields::of(*again), fields, "the canonical form outlives writing and reading");
    requireInSync(fields, *again, "a client equals what was written of it");
  }
  const Value turned = reversed(client);
  requireSameFields(CanonicalFields::of(turned), fields, "order means nothing");
  requireInSync(fields, turned, "order makes no difference");
}

const std::string* declaredIn(const CanonicalFields& fields, std::string_view name) {
  for (const CanonicalFields::Entry& entry : fields.entries()) {
    if (allFields()[entry.field].name == name) return &entry.canonical;
  }
  return nullptr;
}

/// v1 stores lists joined by "|": only the declared side is asked whether its list can have suffered from
/// that.
bool mayBeStoredOtherwise(std::string_view canonical, const HydraVersion& version) {
  return version < HydraVersion{2, 0, 0} && canonical.find_first_of("|\\") != std::string_view::npos;
}

void requireSymmetry(const Value& one, const Value& other) {
  const CanonicalFields fieldsOfOne = CanonicalFields::of(one);
  const CanonicalFields fieldsOfOther = CanonicalFields::of(other);
  for (const HydraVersion& version : kVersions) {
    const auto differing = fieldsOfOne.differingFrom(other, version);
    const auto turned = fieldsOfOther.differingFrom(one, version);
    for (const Field& field : allFields()) {
      const std::string* const here = declaredIn(fieldsOfOne, field.name);
      const std::string* const there = declaredIn(fieldsOfOther, field.name);
      if (here == nullptr || there == nullptr) continue;
      if (mayBeStoredOtherwise(*here, version) || mayBeStoredOtherwise(*there, version)) continue;
      const bool differs = std::ranges::count(differing, field.name) > 0;
      require(differs == (std::ranges::count(turned, field.name) > 0), "the verdict is the same both ways",
              field.name);
      require(!differs || *here != *there, "fields that differ have two canonical forms", field.name);
      require(differs || *here == *there || !field.knownBy(version),
              "fields that are the same have one canonical form", field.name);
    }
  }
}

void run(std::string_view input) {
  const auto parts = partsOf(input, 2);
  const auto one = clientOf(parts.front());
  if (one) requireOneMeaning(*one);
  const auto other = parts.size() > 1 ? clientOf(parts[1]) : std::nullopt;
  if (!other) return;
  requireOneMeaning(*other);
  if (one) requireSymmetry(*one, *other);
}

}  // namespace
}  // namespace hydra_clients::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const hydra_clients::fuzz::MemoryBound bound(size, hydra_clients::fuzz::kMemoryMultiple);
  hydra_clients::fuzz::run(hydra_clients::fuzz::asText(bytes, size));
  return 0;
}

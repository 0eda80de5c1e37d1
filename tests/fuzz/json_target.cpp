// The JSON readers: what is read is what stands there, and can be written and read again.

#include <string>
#include <vector>

#include "client/json.h"
#include "client/json_lenient.h"
#include "client/json_raw.h"
#include "client/utf8.h"
#include "memory_bound.h"
#include "property.h"

namespace hydra_clients::fuzz {
namespace {

using json::Element;
using json::Strictness;
using json::SyntaxFault;
using json::Value;

/// A value takes under 150 bytes and can be written in two ("0,"); vectors double as they grow. That one
/// element's tree is held twice here, and written twice, is ours.
constexpr std::size_t kMemoryMultiple = 600;
/// With its "e": exponents near 10^15 and beyond are no longer told apart (json.h).
constexpr std::size_t kLongestExponent = 15;
/// Of one element: a pointer is looked up from the root.
constexpr std::size_t kMostNodesLookedUp = 64;

void requireFault(const SyntaxFault& fault, std::string_view text) {
  require(fault.offset <= text.size(), "a fault stands inside the text");
  require(!fault.rule.empty(), "a fault has a rule");
  require(isOneLine(fault.message), "a fault's message is one line", fault.message);
  const json::Position position = json::positionOf(text, fault.offset);
  require(position.line >= 1 && position.column >= 1, "lines and columns count from 1");
}

/// Every value stands inside its parent, after the one before it.
void requireOffsets(const Value& value, std::string_view text) {
  require(value.begin < value.end && value.end <= text.size(), "a value has a place in the text");
  std::size_t from = value.begin;
  const auto requireInside = [&](std::size_t begin, const Value& child) {
    require(begin > from && child.begin >= begin && child.end < value.end, "values stand in their order");
    from = child.end - 1;
    requireOffsets(child, text);
  };
  for (const Value& item : value.items) requireInside(item.begin, item);
  for (const json::Member& member : value.members) {
    require(text[member.nameBegin] == '"', "a name begins with its quote");
    requireInside(member.nameBegin, member.value);
  }
  const char first = text[value.begin];
  require((first == '"') == value.isString() && (first == '{') == value.isObject() &&
              (first == '[') == value.isArray(),
          "a value's first byte tells its kind");
  if (!value.isNumber()) return;
  requireEqual(value.text, text.substr(value.begin, value.end - value.begin), "a number is kept as written");
  const std::string canonical = json::canonicalNumber(value.text);
  const std::size_t power = canonical.find('e');
  const bool saturated = power != std::string::npos && canonical.size() - power > kLongestExponent;
  if (!saturated)
    requireEqual(json::canonicalNumber(canonical), canonical, "a number's canonical form is its own");
}

/// Of an object without duplicates.
void requirePointers(const Value& root, const Value& value, const std::string& pointer, std::size_t& left) {
  if (left == 0) return;
  --left;
  require(json::at(root, pointer) == &value, "a pointer leads to its value", pointer);
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    requirePointers(root, value.items[i], json::pointerTo(pointer, i), left);
  }
  for (const json::Member& member : value.members) {
    if (value.find(member.name) != &member.value) continue;  // `metadata` may hold what differs in case
    requirePointers(root, member.value, json::pointerTo(pointer, member.name), left);
  }
}

void requireSurvivesWriting(const Value& value) {
  const std::string canonical = json::canonical(value);
  const std::string written = json::write(value);
  const auto again = json::parse(written);
  require(again.has_value(), "what is written can be read", written);
  requireEqual(json::canonical(*again), canonical, "what is written means what was read");
  requireEqual(json::write(*again), written, "writing is stable");
  const auto pretty = json::parse(json::writePretty(value));
  require(pretty.has_value(), "what is written for people can be read");
  requireEqual(json::canonical(*pretty), canonical, "what is written for people means the same");
}

/// The canonical forms of all elements; `faulty` says whether one of them has faults.
struct Reading {
  std::vector<std::string> elements;
  bool faulty = false;
  bool broken = false;
  bool array = false;  ///< of one element at least
};

Reading read(std::string_view text, Strictness strictness) {
  Reading reading;
  const auto visit = [&](Element&& element) {
    require(element.index == reading.elements.size(), "elements are counted from 0");
    if (element.faults.empty()) {
      requireOffsets(element.value, text);
      requireSurvivesWriting(element.value);
    }
    if (strictness == Strictness::kManifest && element.faults.empty()) {
      std::size_t left = kMostNodesLookedUp;
      requirePointers(element.value, element.value, "", left);
    }
    for (const SyntaxFault& fault : element.faults) requireFault(fault, text);
    reading.array = element.inArray;
    reading.faulty = reading.faulty || !element.faults.empty();
    reading.elements.push_back(json::canonical(element.value));
  };
  const auto fault = json::readElements(text, {}, strictness, visit);
  if (fault) requireFault(*fault, text);
  reading.broken = fault.has_value();
  return reading;
}

void requireLenientRewriting(std::string_view text) {
  const auto rewritten = json::asRapidJsonTakesIt(text);
  if (!rewritten) return;
  require(rewritten->size() == text.size(), "a rewritten text keeps its length");
  requireEqual(json::asRapidJsonTakesIt(*rewritten).value_or(*rewritten), *rewritten, "rewriting is stable");
}

/// What readElements takes for an array, splitArray cuts into the same elements.
void requireSplitting(std::string_view text, const Reading& live) {
  std::vector<std::string_view> raw;
  const auto fault = json::splitArray(text, [&](std::string_view element) { raw.push_back(element); });
  if (fault) require(fault->offset <= text.size(), "a fault stands inside the text");
  std::size_t from = 0;
  for (const std::string_view element : raw) {
    const auto begin = static_cast<std::size_t>(element.data() - text.data());
    require(begin > from && !element.empty(), "an element stands behind the one before it");
    from = begin + element.size();
    requireEqual(json::rawValue(element).value_or(""), element, "an element's bytes are one value");
  }
  require(from <= text.size(), "elements stand inside the text");
  if (live.broken || !live.array) return;
  require(!fault && raw.size() == live.elements.size(), "an array is cut into as many elements as it has");
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const auto value = json::parse(raw[i]);
    require(value.has_value(), "an element's bytes can be read", raw[i]);
    requireEqual(json::canonical(*value), live.elements[i], "an element's bytes read as the element does");
  }
}

void run(std::string_view text) {
  requireLenientRewriting(text);
  const Reading manifest = read(text, Strictness::kManifest);
  const Reading live = read(text, Strictness::kLive);
  requireSplitting(text, live);
  if (manifest.broken || manifest.faulty) return;
  require(!live.broken, "what a manifest may hold, a server may answer");
  require(manifest.elements == live.elements, "a manifest reads as a server's answer does");
}

}  // namespace
}  // namespace hydra_clients::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = hydra_clients::fuzz::asText(bytes, size);
  const hydra_clients::fuzz::MemoryBound bound(size, hydra_clients::fuzz::kMemoryMultiple);
  hydra_clients::fuzz::run(text);
  return 0;
}

#include "manifest/schema_lint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string_view>

#include "client/edit_distance.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kLongestPattern = 512;
constexpr unsigned long kMostRepetitions = 1000;  // product of a pattern's {n}: it becomes that many states

/// What stands behind a keyword.
enum class Shape {
  kAnnotation,
  kSchema,
  kSchemas,
  kSchemaMap,
  kDependencies,
  kRef,
  kType,
  kEnum,
  kAny,
  kNames,
  kCount,
  kNumber,
  kPattern,
  kSchemaName
};

struct Keyword {
  std::string_view name;
  Shape shape;
};

/// All that valijson 1.0 enforces as draft 7 means it.
constexpr std::array kKeywords = std::to_array<Keyword>({
    {"$comment", Shape::kAnnotation},
    {"$defs", Shape::kSchemaMap},
    {"$id", Shape::kAnnotation},
    {"$ref", Shape::kRef},
    {"$schema", Shape::kSchemaName},
    {"additionalProperties", Shape::kSchema},
    {"allOf", Shape::kSchemas},
    {"anyOf", Shape::kSchemas},
    {"const", Shape::kAny},
    {"contains", Shape::kSchema},
    {"default", Shape::kAnnotation},
    {"definitions", Shape::kSchemaMap},
    {"dependencies", Shape::kDependencies},
    {"description", Shape::kAnnotation},
    {"else", Shape::kSchema},
    {"enum", Shape::kEnum},
    {"examples", Shape::kAnnotation},
    {"exclusiveMaximum", Shape::kNumber},
    {"exclusiveMinimum", Shape::kNumber},
    {"if", Shape::kSchema},
    {"items", Shape::kSchema},
    {"maxItems", Shape::kCount},
    {"maxLength", Shape::kCount},
    {"maxProperties", Shape::kCount},
    {"maximum", Shape::kNumber},
    {"minItems", Shape::kCount},
    {"minLength", Shape::kCount},
    {"minProperties", Shape::kCount},
    {"minimum", Shape::kNumber},
    {"not", Shape::kSchema},
    {"oneOf", Shape::kSchemas},
    {"pattern", Shape::kPattern},
    {"properties", Shape::kSchemaMap},
    {"propertyNames", Shape::kSchema},
    {"readOnly", Shape::kAnnotation},
    {"required", Shape::kNames},
    {"then", Shape::kSchema},
    {"title", Shape::kAnnotation},
    {"type", Shape::kType},
    {"writeOnly", Shape::kAnnotation},
});
static_assert(std::ranges::is_sorted(kKeywords, {}, &Keyword::name));

/// Keywords of draft 7 that are left out on purpose, and what to do instead.
struct Refusal {
  std::string_view name;
  std::string_view reason;
};
constexpr std::array kRefusals = std::to_array<Refusal>({
    {"additionalItems", "items is one schema for all items here"},
    {"format", "no format would be enforced; use pattern"},
    {"multipleOf", "it would not be enforced exactly; use minimum, maximum or enum"},
    {"patternProperties",
     "its patterns are not safe on long names; use properties, additionalProperties and propertyNames"},
    {"unevaluatedProperties", "it belongs to a newer draft and would be ignored; use additionalProperties"},
    {"uniqueItems", "it takes quadratic time; Hydra's lists are compared as sets in any case"},
});

constexpr std::array<std::string_view, 7> kTypes = {"array",  "boolean", "integer", "null",
                                                    "number", "object",  "string"};

class Linter {
 public:
  explicit Linter(const json::Value& root) : root_(root) {}

  /// Every schema is visited once; the first fault ends it.
  void visit(const json::Value& schema, const std::string& at) {
    if (fault || !visited_.insert(&schema).second) return;
    if (schema.isBool()) return;
    if (!schema.isObject()) return fail(at, "a schema must be an object, true or false");
    for (const json::Member& member : schema.members) visitKeyword(member, json::pointerTo(at, member.name));
    if (schema.find("$ref") != nullptr) checkAloneness(schema, at);
    if ((schema.find("then") != nullptr || schema.find("else") != nullptr) && schema.find("if") == nullptr) {
      fail(at, "then and else mean nothing without if");
    }
  }

  std::optional<std::string> fault;
  std::vector<std::string> patterns;  ///< their places

 private:
  void fail(const std::string& at, const std::string& reason) {
    if (!fault) fault = "at " + (at.empty() ? "its root" : at) + ": " + reason;
  }

  void visitKeyword(const json::Member& member, const std::string& at) {
    const auto keyword = std::ranges::lower_bound(kKeywords, member.name, {}, &Keyword::name);
    if (keyword == kKeywords.end() || keyword->name != member.name) return failKeyword(member.name, at);
    const json::Value& value = member.value;
    switch (keyword->shape) {
      case Shape::kAnnotation:
      case Shape::kAny:
        return;
      case Shape::kSchema:
        return visitNested(value, at);
      case Shape::kSchemas:
        return visitList(value, at);
      case Shape::kSchemaMap:
      case Shape::kDependencies:
        return visitMap(value, at, keyword->shape == Shape::kDependencies);
      case Shape::kRef:
        return checkReference(value, at);
      case Shape::kType:
        return checkType(value, at);
      case Shape::kEnum:
        return require(value.isArray() && !value.items.empty(), at, "must be an array with values");
      case Shape::kNames:
        return require(isListOfStrings(value), at, "must be an array of names");
      case Shape::kCount:
        return require(isCount(value), at, "must be a whole number, 0 or more");
      case Shape::kNumber:
        return require(value.isNumber(), at, "must be a number");
      case Shape::kPattern:
        return checkPattern(value, at);
      case Shape::kSchemaName:
        return require(value.isString() && value.text.find("draft-07") != std::string::npos, at,
                       "only draft 7 is understood (http://json-schema.org/draft-07/schema#)");
    }
  }

  void require(bool holds, const std::string& at, const std::string& otherwise) {
    if (!holds) fail(at, otherwise);
  }

  void failKeyword(const std::string& name, const std::string& at) {
    const auto refusal = std::ranges::lower_bound(kRefusals, name, {}, &Refusal::name);
    if (refusal != kRefusals.end() && refusal->name == name) {
      return fail(at, "the keyword is not supported: " + std::string(refusal->reason));
    }
    std::vector<std::string_view> known;
    known.reserve(kKeywords.size());
    for (const Keyword& one : kKeywords) known.push_back(one.name);
    std::string reason = "no keyword of draft 7 that can be enforced";
    if (const auto near = nearest(name, known)) reason += "; did you mean " + json::quote(*near) + "?";
    fail(at, reason);
  }

  void visitNested(const json::Value& value, const std::string& at) {
    if (value.isArray()) return fail(at, "one schema is expected, not an array of them");
    visit(value, at);
  }

  void visitList(const json::Value& list, const std::string& at) {
    require(list.isArray() && !list.items.empty(), at, "must be an array of schemas");
    for (std::size_t i = 0; i < list.items.size(); ++i) visit(list.items[i], json::pointerTo(at, i));
  }

  void visitMap(const json::Value& map, const std::string& at, bool mayListNames) {
    require(map.isObject(), at, "must be an object");
    for (const json::Member& member : map.members) {
      if (mayListNames && isListOfStrings(member.value)) continue;
      visit(member.value, json::pointerTo(at, member.name));
    }
  }

  void checkReference(const json::Value& ref, const std::string& at) {
    if (!ref.isString() || (ref.text != "#" && !ref.text.starts_with("#/"))) {
      return fail(at,
                  "only references into this schema are followed (\"#/definitions/…\"); nothing is fetched");
    }
    const json::Value* const target = json::at(root_, std::string_view(ref.text).substr(1));
    if (target == nullptr || ref.text.find('%') != std::string::npos) return fail(at, "refers to nothing");
    visit(*target, ref.text.substr(1));
  }

  /// Draft 7 ignores what stands beside $ref.
  void checkAloneness(const json::Value& schema, const std::string& at) {
    for (const json::Member& member : schema.members) {
      const auto keyword = std::ranges::lower_bound(kKeywords, member.name, {}, &Keyword::name);
      const bool harmless = keyword != kKeywords.end() &&
                            (keyword->shape == Shape::kAnnotation || keyword->shape == Shape::kRef ||
                             keyword->shape == Shape::kSchemaName || keyword->name == "definitions" ||
                             keyword->name == "$defs");
      if (!harmless)
        fail(json::pointerTo(at, member.name), "would be ignored beside $ref; put both into allOf");
    }
  }

  void checkType(const json::Value& type, const std::string& at) {
    const auto known = [](const json::Value& one) {
      return one.isString() && std::ranges::find(kTypes, one.text) != kTypes.end();
    };
    require(type.isArray() ? !type.items.empty() && std::ranges::all_of(type.items, known) : known(type), at,
            "must be one of array, boolean, integer, null, number, object, string, or an array of them");
  }

  void checkPattern(const json::Value& pattern, const std::string& at) {
    if (!pattern.isString()) return fail(at, "must be a string");
    if (pattern.text.size() > kLongestPattern) {
      return fail(at, "longer than " + std::to_string(kLongestPattern) + " bytes");
    }
    if (repetitionsOf(pattern.text) > kMostRepetitions) {
      return fail(at, "repeats more than " + std::to_string(kMostRepetitions) + " times; use maxLength");
    }
    patterns.push_back(at);
  }

  static unsigned long repetitionsOf(std::string_view pattern) {
    unsigned long product = 1;
    for (std::size_t i = pattern.find('{'); i != std::string_view::npos; i = pattern.find('{', i + 1)) {
      const std::size_t close = std::min(pattern.find('}', i), pattern.size());
      unsigned long largest = 1;
      for (const char* at = pattern.data() + i + 1; at < pattern.data() + close; ++at) {
        unsigned long bound = 0;
        const auto read = std::from_chars(at, pattern.data() + close, bound);
        if (read.ec == std::errc::result_out_of_range) return kMostRepetitions + 1;
        if (read.ec == std::errc()) {
          largest = std::max(largest, bound);
          at = read.ptr;
        }
      }
      if (largest > kMostRepetitions) return largest;
      product *= largest;
      if (product > kMostRepetitions) return product;
    }
    return product;
  }

  static bool isListOfStrings(const json::Value& value) {
    return value.isArray() &&
           std::ranges::all_of(value.items, [](const json::Value& one) { return one.isString(); });
  }
  static bool isCount(const json::Value& value) {
    return value.isNumber() && value.text.size() <= 18 &&
           value.text.find_first_not_of("0123456789") == std::string::npos;
  }

  const json::Value& root_;
  std::set<const json::Value*> visited_;
};

/// Finds a schema that leads back to itself without taking a step into the value: it would be checked for
/// ever.
class EndlessCheck {
 public:
  explicit EndlessCheck(const json::Value& root) : root_(root) {}

  /// The place of a `$ref` in a circle, or nothing. `schema` has passed the linter.
  std::optional<std::string> find(const json::Value& schema) {
    if (done_.contains(&schema)) return std::nullopt;
    if (!open_.insert(&schema).second) return "a $ref leads back to where it came from, without end";
    std::optional<std::string> found;
    forEachInPlace(schema, [&](const json::Value& next) {
      if (!found) found = find(next);
    });
    open_.erase(&schema);
    done_.insert(&schema);
    for (const json::Member& member : schema.members) {
      if (found) break;
      found = findBelow(member.value);
    }
    return found;
  }

 private:
  /// Schemas that apply to values further down: properties, items and the like.
  std::optional<std::string> findBelow(const json::Value& value) {
    std::optional<std::string> found;
    if (value.isObject()) found = find(value);
    for (const json::Value& item : value.items) {
      if (!found) found = findBelow(item);
    }
    return found;
  }

  template <typename Visit>
  void forEachInPlace(const json::Value& schema, const Visit& visit) const {
    if (const json::Value* const ref = schema.find("$ref"); ref != nullptr && ref->isString()) {
      if (const json::Value* const target = json::at(root_, std::string_view(ref->text).substr(1)))
        visit(*target);
      return;
    }
    for (const std::string_view keyword : {"allOf", "anyOf", "oneOf"}) {
      const json::Value* const list = schema.find(keyword);
      if (list == nullptr) continue;
      for (const json::Value& one : list->items) visit(one);
    }
    for (const std::string_view keyword : {"not", "if", "then", "else"}) {
      if (const json::Value* const one = schema.find(keyword)) visit(*one);
    }
    if (const json::Value* const dependencies = schema.find("dependencies")) {
      for (const json::Member& member : dependencies->members) visit(member.value);
    }
  }

  const json::Value& root_;
  std::set<const json::Value*> open_, done_;
};

}  // namespace

std::optional<std::string> lintSchema(const json::Value& schema) {
  Linter linter(schema);
  linter.visit(schema, "");
  if (linter.fault) return linter.fault;
  return EndlessCheck(schema).find(schema);
}

std::vector<std::string> patternPlaces(const json::Value& schema) {
  Linter linter(schema);
  linter.visit(schema, "");
  return linter.patterns;
}

}  // namespace hydra_clients::manifest

#include "manifest/schema_findings.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "client/edit_distance.h"
#include "client/json_text.h"
#include "manifest/suggestions.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kLongestShown = 64;      // of a name or pattern that is shown
constexpr std::size_t kMostSuggestions = 100;  // of them that a near name is looked for

/// How valijson 1.0 words its errors (validation_visitor.hpp), and what each is here.
struct Wording {
  std::string_view begin;
  std::string_view rule;  ///< "": only says that something below it failed
};
constexpr std::array kWordings = std::to_array<Wording>({
    {"Value type not permitted", "wrong-type"},
    {"Object contains a property", "unknown-field"},
    {"Missing required property", "required-field"},
    {"Missing dependency", "required-field"},
    {"Failed to match against any enum", "not-allowed"},
    {"Failed to match expected value", "not-allowed"},
    {"Failed to match regex", "pattern"},
    {"String should be", "length"},
    {"Expected number", "range"},
    {"Array should contain", "size"},
    {"Object should have", "size"},
    {"Failed to any values", "schema"},
    {"Target should not validate", "schema"},
    {"Failed to validate against any", "no-form-fits"},
    {"Failed to validate against exactly one", "no-form-fits"},
});

std::string shown(std::string_view name) { return json::quote(shortened(name, kLongestShown)); }

std::string listed(const std::vector<std::string>& words, std::string_view lastJoin = " or ") {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? lastJoin : std::string_view(", ");
    result += words[i];
  }
  return result;
}

/// Where an error stands: in the client, and in the schema as far as one can follow.
struct Place {
  std::string pointer;
  std::size_t offset = 0;  ///< of the value, or of the innermost one that is there
  const json::Value* value = nullptr;
  const json::Value* schema = nullptr;
};

const json::Value* resolved(const json::Value& root, const json::Value* schema) {
  for (int hops = 0; schema != nullptr && hops < 16; ++hops) {
    const json::Value* const ref = schema->find("$ref");
    if (ref == nullptr || !ref->isString() || !ref->text.starts_with("#")) return schema;
    schema = json::at(root, std::string_view(ref->text).substr(1));
  }
  return nullptr;
}

const json::Value* schemaOfMember(const json::Value& schema, const std::string& name) {
  const json::Value* const properties = schema.find("properties");
  if (properties != nullptr) {
    if (const json::Value* const property = properties->find(name)) return property;
  }
  const json::Value* const others = schema.find("additionalProperties");
  return others != nullptr && others->isObject() ? others : nullptr;
}

Place placeOf(const RawSchemaError& error, const json::Value& schemaRoot, const json::Value& client) {
  Place place{"", client.begin, &client, resolved(schemaRoot, &schemaRoot)};
  for (std::size_t i = 1; i < error.context.size(); ++i) {
    const std::string token = error.context[i].substr(1, error.context[i].size() - 2);
    place.pointer = json::pointerTo(place.pointer, token);
    const json::Value* const value = std::exchange(place.value, nullptr);
    const json::Value* const schema = std::exchange(place.schema, nullptr);
    if (value == nullptr) continue;
    if (value->isObject()) {
      place.value = value->find(token);
      if (schema != nullptr) place.schema = schemaOfMember(*schema, token);
    } else {
      place.value = json::at(*value, "/" + token);
      if (schema != nullptr) place.schema = schema->find("items");
    }
    place.schema = resolved(schemaRoot, place.schema);
    if (place.value != nullptr) place.offset = place.value->begin;
  }
  return place;
}

/// "a string", "an array of strings": what `type` allows, without null where there is something better to
/// say.
std::vector<std::string> allowedKinds(const json::Value& schema) {
  const json::Value* const type = schema.find("type");
  std::vector<std::string> kinds;
  if (type == nullptr) return kinds;
  for (const json::Value& one : type->isArray() ? type->items : std::vector<json::Value>{*type}) {
    if (one.text == "array") {
      const json::Value* const items = schema.find("items");
      const json::Value* const itemType = items != nullptr ? items->find("type") : nullptr;
      kinds.push_back(itemType != nullptr && itemType->isString() ? "an array of " + itemType->text + "s"
                                                                  : "an array");
    } else {
      const bool vowel = one.text == "object" || one.text == "integer";
      kinds.push_back(one.text == "null" ? "null" : (vowel ? "an " : "a ") + one.text);
    }
  }
  if (kinds.size() > 1) std::erase(kinds, "null");
  return kinds;
}

std::string hintForKind(const Place& place, const std::vector<std::string>& kinds) {
  if (place.value == nullptr || kinds.size() != 1) return {};
  const json::Value& value = *place.value;
  if (kinds[0] == "an array of strings" && value.isString()) return "put it into brackets: [\"…\"]";
  if (kinds[0] == "a boolean" && value.isString()) return "write true or false without quotes";
  if (kinds[0] == "a string" && value.isNumber()) {
    return place.pointer.ends_with("_lifespan") ? "a duration is written with its unit, such as \"1h30m\""
                                                : "put it into double quotes";
  }
  if (kinds[0] == "a string" && value.isArray() && place.pointer == "/scope") {
    return "a scope is one string of words separated by spaces, such as \"openid offline\"";
  }
  return {};
}

SchemaFinding wrongType(const Place& place) {
  SchemaFinding finding{"wrong-type", place.pointer, "is of a type that is not allowed here",
                        {},           false,         place.offset};
  if (place.schema == nullptr || place.value == nullptr) return finding;
  const std::vector<std::string> kinds = allowedKinds(*place.schema);
  if (kinds.empty()) return finding;
  finding.message = "must be " + listed(kinds) + ", not " + std::string(json::nameOf(place.value->kind));
  finding.hint = hintForKind(place, kinds);
  return finding;
}

SchemaFinding notAllowed(const Place& place) {
  SchemaFinding finding{"not-allowed", place.pointer, "is not one of the values that are allowed here", {},
                        false,         place.offset};
  if (place.schema == nullptr) return finding;
  std::vector<std::string> words;
  if (const json::Value* const one = place.schema->find("const")) words.push_back(json::write(*one));
  if (const json::Value* const some = place.schema->find("enum")) {
    for (const json::Value& one : some->items) {
      if (!one.isNull() && !(one.isString() && one.text.empty())) words.push_back(json::write(one));
    }
  }
  if (!words.empty()) finding.message = "must be " + listed(words);
  return finding;
}

void unknownFields(const Place& place, bool shipped, std::vector<SchemaFinding>& findings) {
  if (place.schema == nullptr || place.value == nullptr) {
    findings.push_back(
        {"unknown-field", place.pointer, "holds a member that is not allowed", {}, false, place.offset});
    return;
  }
  std::vector<std::string_view> known;
  if (const json::Value* const properties = place.schema->find("properties")) {
    for (const json::Member& property : properties->members) known.emplace_back(property.name);
  }
  std::ranges::sort(known);
  const bool isField = shipped && place.pointer.empty();
  std::size_t unknown = 0;
  for (const json::Member& member : place.value->members) {
    if (std::ranges::binary_search(known, std::string_view(member.name))) continue;
    if (findings.size() >= Schema::kMostFindings) return;
    ++unknown;
    SchemaFinding finding{
        "unknown-field", json::pointerTo(place.pointer, shortened(member.name, kLongestStep)), {}, {}, true,
        member.nameBegin};
    finding.message =
        (isField ? "Hydra knows no field " : "no such member is allowed here: ") + shown(member.name);
    if (const auto advice = isField ? adviceForFieldName(member.name) : std::nullopt) {
      finding.hint = *advice;
    } else if (const auto near = unknown > kMostSuggestions ? std::nullopt : nearest(member.name, known)) {
      finding.hint = "did you mean " + json::quote(*near) + "?";
    } else if (!isField && !known.empty() && known.size() < 8) {
      finding.hint = "allowed are " + listed({known.begin(), known.end()}, " and ");
    }
    findings.push_back(std::move(finding));
  }
}

std::string quotedPart(std::string_view description) {
  const std::size_t from = description.find('\'');
  const std::size_t to = description.rfind('\'');
  if (from == std::string_view::npos || to <= from) return {};
  return std::string(description.substr(from + 1, to - from - 1));
}

/// "must hold exactly one of "a", "b" or "c"" where that is what the bounds come to.
std::optional<std::string> exactlyOneOf(const Place& place) {
  if (place.schema == nullptr) return std::nullopt;
  for (const std::string_view bound : {"minProperties", "maxProperties"}) {
    const json::Value* const count = place.schema->find(bound);
    if (count == nullptr || count->text != "1") return std::nullopt;
  }
  std::vector<std::string> names;
  if (const json::Value* const properties = place.schema->find("properties")) {
    for (const json::Member& property : properties->members) names.push_back(json::quote(property.name));
  }
  if (names.empty()) return std::nullopt;
  return "must hold exactly one of " + listed(names);
}

/// "String should be no more than 10 characters in length." -> "should be no more than 10 characters in
/// length".
std::string withoutSubject(std::string_view description) {
  for (const std::string_view subject : {"String ", "Array ", "Object "}) {
    if (description.starts_with(subject)) description.remove_prefix(subject.size());
  }
  if (description.ends_with('.')) description.remove_suffix(1);
  std::string result(description);
  if (result.starts_with("Expected number")) result.replace(0, 15, "must be a number");
  return result;
}

std::string formsOf(const Place& place) {
  std::vector<std::string> titles;
  for (const std::string_view keyword : {"oneOf", "anyOf"}) {
    const json::Value* const forms = place.schema != nullptr ? place.schema->find(keyword) : nullptr;
    if (forms == nullptr) continue;
    for (const json::Value& form : forms->items) {
      if (const json::Value* const title = form.find("title")) titles.push_back(title->text);
    }
  }
  return titles.empty() ? "" : ": " + listed(titles);
}

void explain(const RawSchemaError& error, std::string_view rule, const Place& place, bool shipped,
             std::vector<SchemaFinding>& findings) {
  const auto add = [&](std::string message) {
    findings.push_back({std::string(rule), place.pointer, std::move(message), {}, false, place.offset});
  };
  if (rule == "wrong-type") return findings.push_back(wrongType(place));
  if (rule == "not-allowed") return findings.push_back(notAllowed(place));
  if (rule == "unknown-field") return unknownFields(place, shipped, findings);
  if (rule == "required-field")
    return add("the member " + shown(quotedPart(error.description)) + " is missing");
  if (rule == "no-form-fits")
    return add("fits none, or more than one, of the forms that the schema allows" + formsOf(place));
  if (rule == "pattern") {
    const json::Value* const pattern = place.schema != nullptr ? place.schema->find("pattern") : nullptr;
    return add(pattern != nullptr ? "must match the pattern " + shown(pattern->text)
                                  : "does not match the pattern that the schema asks for");
  }
  if (const auto words = rule == "size" ? exactlyOneOf(place) : std::nullopt) return add(*words);
  if (rule == "schema") return add("does not fit what the schema asks of it");
  add(withoutSubject(error.description));
}

bool isWithin(std::string_view pointer, std::string_view ancestor) {
  return pointer.starts_with(ancestor) &&
         (pointer.size() == ancestor.size() || pointer[ancestor.size()] == '/');
}

/// Where none of several forms fits, what each of them says below is noise.
void dropWhatIsBelowForms(std::vector<SchemaFinding>& findings) {
  std::vector<std::string> forms;
  for (const SchemaFinding& finding : findings) {
    if (finding.rule == "no-form-fits") forms.push_back(finding.pointer);
  }
  std::erase_if(findings, [&](const SchemaFinding& finding) {
    return std::ranges::any_of(forms, [&](const std::string& form) {
      return isWithin(finding.pointer, form) && !(finding.rule == "no-form-fits" && finding.pointer == form);
    });
  });
}

/// A value of the wrong type is not one of the allowed values either: once is enough. And never twice the
/// same.
void dropRepetitions(std::vector<SchemaFinding>& findings) {
  std::set<std::string> wrongTypes;
  for (const SchemaFinding& finding : findings) {
    if (finding.rule == "wrong-type") wrongTypes.insert(finding.pointer);
  }
  std::set<std::pair<std::string, std::string>> seen;
  std::erase_if(findings, [&](const SchemaFinding& finding) {
    if (finding.rule == "not-allowed" && wrongTypes.contains(finding.pointer)) return true;
    return !seen.emplace(finding.pointer, finding.rule + finding.message).second;
  });
}

}  // namespace

std::vector<SchemaFinding> explainSchemaErrors(const std::vector<RawSchemaError>& errors,
                                               const json::Value& schema, const json::Value& client,
                                               bool shipped) {
  std::vector<SchemaFinding> findings;
  bool understood = false;
  for (const RawSchemaError& error : errors) {
    const auto wording = std::ranges::find_if(
        kWordings, [&](const Wording& one) { return error.description.starts_with(one.begin); });
    if (wording == kWordings.end() || findings.size() >= Schema::kMostFindings) continue;
    understood = true;
    explain(error, wording->rule, placeOf(error, schema, client), shipped, findings);
  }
  dropWhatIsBelowForms(findings);
  dropRepetitions(findings);
  if (!understood) {
    // A schema of `false`, or `propertyNames`: valijson only says which member, if that.
    for (const RawSchemaError& error : errors) {
      const std::string name = quotedPart(error.description);
      if (!error.description.starts_with("Failed to validate against schema associated with property name"))
        continue;
      const Place place = placeOf(error, schema, client);
      findings.push_back({"schema",
                          json::pointerTo(place.pointer, name),
                          "is not allowed here by the schema",
                          {},
                          false,
                          place.offset});
    }
    if (findings.empty())
      findings.push_back({"schema", "", "does not fit the schema", {}, false, client.begin});
  }
  return findings;
}

}  // namespace hydra_clients::manifest

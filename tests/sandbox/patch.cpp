#include "patch.h"

#include <optional>
#include <vector>

#include "go_json.h"
#include "go_text.h"

namespace sandbox {
namespace {

using go_json::Kind;
using Fault = std::string;
using Changed = tl::expected<std::string, Fault>;

Changed fault(std::string text) { return tl::unexpected<Fault>(std::move(text)); }

std::optional<std::vector<std::string>> tokens_of(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer[0] != '/') return std::nullopt;
  tokens.emplace_back();
  for (std::size_t at = 1; at < pointer.size(); ++at) {
    if (pointer[at] == '/') {
      tokens.emplace_back();
    } else if (pointer.substr(at).starts_with("~0") || pointer.substr(at).starts_with("~1")) {
      tokens.back() += pointer[++at] == '0' ? '~' : '/';
    } else {
      tokens.back() += pointer[at];
    }
  }
  return tokens;
}

/// The value that `token` names in an object or array, or nothing.
std::optional<std::string_view> child(std::string_view container, const std::string& token) {
  if (go_json::kind_of(container) == Kind::object) {
    std::optional<std::string_view> found;
    for (const auto& member : go_json::members(container)) {
      if (member.name == token) found = member.value;
    }
    return found;
  }
  if (go_json::kind_of(container) != Kind::array) return std::nullopt;
  const auto elements = go_json::elements(container);
  const auto index = parse_int(token);
  if (!index || *index < 0 || *index >= static_cast<std::int64_t>(elements.size())) return std::nullopt;
  return elements[static_cast<std::size_t>(*index)];
}

std::optional<std::string_view> value_at(std::string_view document, const std::vector<std::string>& tokens) {
  std::optional<std::string_view> value = document;
  for (const auto& token : tokens) {
    value = child(*value, token);
    if (!value) return std::nullopt;
  }
  return value;
}

std::string join(const std::vector<std::string>& parts, char open, char close) {
  std::string text(1, open);
  for (const auto& part : parts) text += (text.size() > 1 ? "," : "") + part;
  return text + close;
}

/// An object or array with one child set (to `value`) or removed (nothing).
std::string with_member(std::string_view object, const std::string& token,
                        const std::optional<std::string>& value) {
  std::vector<std::string> parts;
  bool placed = false;
  const auto place = [&](const std::string& text) {
    std::string part;
    go_json::append_quoted(part, token);
    parts.push_back(part + ":" + text);
    placed = true;
  };
  for (const auto& member : go_json::members(object)) {
    if (member.name == token) {
      if (value && !placed) place(*value);
      continue;
    }
    std::string part;
    go_json::append_quoted(part, member.name);
    parts.push_back(part + ":" + std::string(member.value));
  }
  if (value && !placed) place(*value);
  return join(parts, '{', '}');
}

Changed with_element(std::string_view array, const std::string& token,
                     const std::optional<std::string>& value, bool insert) {
  std::vector<std::string> parts;
  for (const auto element : go_json::elements(array)) parts.emplace_back(element);
  const auto size = static_cast<std::int64_t>(parts.size());
  const auto index = token == "-" ? std::optional<std::int64_t>(size) : parse_int(token);
  if (!index || *index < 0 || *index > size || (*index == size && !insert)) return fault("invalid index");
  const auto at = parts.begin() + *index;
  if (!value) {
    parts.erase(at);
  } else if (insert) {
    parts.insert(at, *value);
  } else {
    *at = *value;
  }
  return join(parts, '[', ']');
}

struct Edit {
  std::optional<std::string> value;  // nothing: remove
  bool insert = false;               // "add"
};

Changed edit(const std::string& document, const std::vector<std::string>& tokens, const Edit& change) {
  if (tokens.empty()) return change.value ? Changed(*change.value) : fault("cannot remove the document");
  const std::vector<std::string> parent_tokens(tokens.begin(), tokens.end() - 1);
  const auto parent = value_at(document, parent_tokens);
  if (!parent) return fault("missing path");
  Changed changed;
  if (go_json::kind_of(*parent) == Kind::object) {
    changed = with_member(*parent, tokens.back(), change.value);
  } else if (go_json::kind_of(*parent) == Kind::array) {
    changed = with_element(*parent, tokens.back(), change.value, change.insert);
  } else {
    return fault("not a container");
  }
  if (!changed) return changed;
  // `parent` is a slice of `document`: put the changed text in its place.
  const auto begin = static_cast<std::size_t>(parent->data() - document.data());
  return document.substr(0, begin) + *changed + document.substr(begin + parent->size());
}

struct Operation {
  std::string name;
  std::optional<std::vector<std::string>> path;
  std::optional<std::vector<std::string>> from;
  std::optional<std::string> value;
};

Operation read_operation(std::string_view text) {
  Operation operation;
  for (const auto& member : go_json::members(text)) {
    const bool is_text = go_json::kind_of(member.value) == Kind::string;
    if (member.name == "op" && is_text) operation.name = go_json::unquote(member.value);
    if (member.name == "path" && is_text) operation.path = tokens_of(go_json::unquote(member.value));
    if (member.name == "from" && is_text) operation.from = tokens_of(go_json::unquote(member.value));
    if (member.name == "value") operation.value = std::string(member.value);
  }
  return operation;
}

/// The part of `path` up to the first object that is not there, and `value` wrapped in what lies behind it.
std::pair<std::vector<std::string>, std::string> with_parents(const std::string& document,
                                                              std::vector<std::string> path,
                                                              std::string value) {
  while (path.size() > 1 && !value_at(document, {path.begin(), path.end() - 1})) {
    value = with_member("{}", path.back(), value);
    path.pop_back();
  }
  return {std::move(path), std::move(value)};
}

Changed add(const std::string& document, const std::vector<std::string>& path, const std::string& value,
            PatchRules rules) {
  if (!rules.add_makes_parents) return edit(document, path, {value, /*insert=*/true});
  const auto [shorter, wrapped] = with_parents(document, path, value);
  return edit(document, shorter, {wrapped, /*insert=*/true});
}

Changed apply_one(const std::string& document, const Operation& operation, PatchRules rules) {
  if (!operation.path) return fault("missing path");
  const auto& path = *operation.path;
  const bool exists = value_at(document, path).has_value();
  if (operation.name == "add") return add(document, path, operation.value.value_or("null"), rules);
  if (operation.name == "replace") {
    if (!exists && !rules.replace_adds_missing) return fault("replace of a missing path");
    if (!exists) return add(document, path, operation.value.value_or("null"), rules);
    return edit(document, path, {operation.value.value_or("null"), /*insert=*/false});
  }
  if (operation.name == "remove") {
    return exists ? edit(document, path, {std::nullopt, false}) : fault("remove of a missing path");
  }
  if (rules.only_add_remove_replace) return fault("unsupported operation");
  if (operation.name == "test") {
    std::string have;
    std::string want;
    go_json::append_compact(have, value_at(document, path).value_or("null"));
    go_json::append_compact(want, operation.value.value_or("null"));
    return have == want ? Changed(document) : fault("test failed");
  }
  const auto source = operation.from ? value_at(document, *operation.from) : std::nullopt;
  if (!source || (operation.name != "copy" && operation.name != "move"))
    return fault("unsupported operation");
  const std::string value(*source);
  Changed without =
      operation.name == "move" ? edit(document, *operation.from, {std::nullopt, false}) : Changed(document);
  return without ? edit(*without, path, {value, /*insert=*/true}) : without;
}

}  // namespace

tl::expected<std::string, std::string> apply_patch(std::string document, std::string_view patch,
                                                   PatchRules rules) {
  const auto list = go_json::only_value(patch);
  if (!list || go_json::kind_of(*list) != Kind::array) return fault("not a list of operations");
  for (const auto element : go_json::elements(*list)) {
    if (go_json::kind_of(element) != Kind::object) return fault("not an operation");
    const Operation operation = read_operation(element);
    if (operation.path && operation.path->size() == 1 && operation.path->front() == "id")
      return fault("denied path");
    Changed changed = apply_one(document, operation, rules);
    if (!changed) return changed;
    document = std::move(*changed);
  }
  return document;
}

}  // namespace sandbox

#include <algorithm>
#include <array>
#include <charconv>

#include "client/hex.h"
#include "client/json.h"
#include "client/one_line.h"
#include "client/utf8.h"

namespace hydra_clients::json {
namespace {

/// One unit of UTF-16 as "\uXXXX".
void appendUnit(std::string& out, char32_t unit) {
  out += "\\u";
  appendHex(out, static_cast<char>(unit >> 8U));
  appendHex(out, static_cast<char>(unit & 0xFFU));
}

/// A code point as one escape, or as the two of its surrogate pair (RFC 8259 §7).
void appendEscape(std::string& out, char32_t point) {
  if (point <= 0xFFFF) return appendUnit(out, point);
  const char32_t rest = point - 0x10000;
  appendUnit(out, 0xD800 + (rest >> 10U));
  appendUnit(out, 0xDC00 + (rest & 0x3FFU));
}

/// Stands in a string as it is; most of a text does.
bool isPlain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

/// One character of UTF-8. What a terminal would obey, or a reader take for the end of a line, is escaped:
/// documents are looked at, and copied, by people.
void appendCharacter(std::string& out, std::string_view character) {
  switch (character[0]) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      const char32_t point = codePointOf(character);
      if (isObeyed(point)) return appendEscape(out, point);
      out += character;
  }
}

/// Whatever the text is: a file's name may hold bytes that are not UTF-8, which no reader of JSON takes.
void appendQuoted(std::string& out, std::string_view text) {
  if (firstInvalidUtf8(text) != std::string_view::npos) return appendQuoted(out, withoutInvalidUtf8(text));
  out += '"';
  while (!text.empty()) {
    const std::size_t plain =
        static_cast<std::size_t>(std::ranges::find_if_not(text, isPlain) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = utf8Length(text);
    appendCharacter(out, text.substr(0, length));
    text.remove_prefix(length);
  }
  out += '"';
}

void appendLine(std::string& out, std::size_t depth) {
  out += '\n';
  out.append(depth * 2, ' ');
}

/// `pretty`: every element on a line of its own.
void append(std::string& out, const Value& value, bool pretty, std::size_t depth) {
  switch (value.kind) {
    case Kind::kNull:
      out += "null";
      return;
    case Kind::kBool:
      out += value.boolean ? "true" : "false";
      return;
    case Kind::kNumber:
      out += value.text;
      return;
    case Kind::kString:
      appendQuoted(out, value.text);
      return;
    case Kind::kArray: {
      out += '[';
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (i > 0) out += ',';
        if (pretty) appendLine(out, depth + 1);
        append(out, value.items[i], pretty, depth + 1);
      }
      if (pretty && !value.items.empty()) appendLine(out, depth);
      out += ']';
      return;
    }
    case Kind::kObject: {
      out += '{';
      for (std::size_t i = 0; i < value.members.size(); ++i) {
        if (i > 0) out += ',';
        if (pretty) appendLine(out, depth + 1);
        appendQuoted(out, value.members[i].name);
        out += pretty ? ": " : ":";
        append(out, value.members[i].value, pretty, depth + 1);
      }
      if (pretty && !value.members.empty()) appendLine(out, depth);
      out += '}';
      return;
    }
  }
}

}  // namespace

std::string_view nameOf(Kind kind) {
  constexpr std::array<std::string_view, 6> kNames = {"null",     "a boolean", "a number",
                                                      "a string", "an array",  "an object"};
  return kNames[static_cast<std::size_t>(kind)];
}

const Value* Value::find(std::string_view name) const {
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (member->name == name) return &member->value;
  }
  return nullptr;
}

namespace {
Value make(Kind kind, std::string text = {}, bool boolean = false) {
  Value value;
  value.kind = kind;
  value.boolean = boolean;
  value.text = std::move(text);
  return value;
}
}  // namespace

Value Value::string(std::string text) { return make(Kind::kString, std::move(text)); }
Value Value::number(std::int64_t number) { return make(Kind::kNumber, std::to_string(number)); }
Value Value::truth(bool truth) { return make(Kind::kBool, {}, truth); }
Value Value::array() { return make(Kind::kArray); }
Value Value::object() { return make(Kind::kObject); }

Value& Value::add(std::string name, Value value) {
  members.push_back({std::move(name), 0, std::move(value)});
  return *this;
}

Value& Value::append(Value value) {
  items.push_back(std::move(value));
  return *this;
}

std::string write(const Value& value) {
  std::string out;
  append(out, value, /*pretty=*/false, 0);
  return out;
}

std::string writePretty(const Value& value) {
  std::string out;
  append(out, value, /*pretty=*/true, 0);
  return out;
}

std::string quote(std::string_view text) {
  std::string out;
  appendQuoted(out, text);
  return out;
}

std::string quoteAscii(std::string_view text) {
  const std::string quoted = quote(text);
  std::string out;
  for (std::size_t at = 0; at < quoted.size();) {
    const std::string_view sequence =
        std::string_view(quoted).substr(at, utf8Length(std::string_view(quoted).substr(at)));
    at += sequence.size();
    if (sequence.size() == 1) {
      out += sequence;
    } else {
      appendEscape(out, codePointOf(sequence));
    }
  }
  return out;
}

Position positionOf(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  Position position;
  std::size_t lineBegin = 0;
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] != '\n') continue;
    ++position.line;
    lineBegin = i + 1;
  }
  for (std::size_t i = lineBegin; i < offset; ++i) {
    if (!isUtf8Continuation(text[i])) ++position.column;
  }
  return position;
}

std::string pointerTo(std::string_view parent, std::string_view token) {
  std::string pointer(parent);
  pointer += '/';
  for (const char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string pointerTo(std::string_view parent, std::size_t index) {
  return pointerTo(parent, std::string_view(std::to_string(index)));
}

const Value* at(const Value& root, std::string_view pointer) {
  const Value* value = &root;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // the slash
    const std::size_t length = std::min(pointer.find('/'), pointer.size());
    const std::string_view token = pointer.substr(0, length);
    pointer.remove_prefix(length);
    if (value->isArray()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
      if (error != std::errc{} || end != token.data() + token.size() || index >= value->items.size()) {
        return nullptr;
      }
      value = &value->items[index];
    } else {
      std::string name;
      for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size()) {
          name += token[++i] == '0' ? '~' : '/';
        } else {
          name += token[i];
        }
      }
      value = value->find(name);
      if (value == nullptr) return nullptr;
    }
  }
  return value;
}

}  // namespace hydra_clients::json

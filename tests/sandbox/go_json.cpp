#include "go_json.h"

#include <array>
#include <cstdint>

#include "go_text.h"

namespace sandbox::go_json {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// The end of the value at `at`, in text that is known to be valid.
std::size_t skip_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  do {
    const char c = text[at];
    if (c == '"') {
      for (++at; text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
      }
      ++at;
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (c == '}' || c == ']') {
      --depth;
      ++at;
    } else if (is_space(c) || c == ',' || c == ':') {
      ++at;
    } else {
      while (at < text.size() && !is_space(text[at]) && text[at] != ',' && text[at] != '}' && text[at] != ']')
        ++at;
    }
  } while (depth > 0);
  return at;
}

std::size_t skip_between(std::string_view text, std::size_t at) {
  while (is_space(text[at]) || text[at] == ',' || text[at] == ':') ++at;
  return at;
}

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t rune = 0;
  for (const char c : digits.substr(0, 4)) rune = rune * 16 + static_cast<std::uint32_t>(hex_digit(c));
  return rune;
}

/// The rune of a \uXXXX escape at literal[at] (at its 'u'); moves `at` to its last byte.
std::uint32_t unicode_escape(std::string_view literal, std::size_t& at) {
  const std::uint32_t rune = hex4(literal.substr(at + 1));
  at += 4;
  if (rune < 0xD800 || rune > 0xDFFF) return rune;
  const std::string_view rest = literal.substr(at + 1);
  if (rune < 0xDC00 && rest.size() >= 6 && rest[0] == '\\' && rest[1] == 'u') {
    const std::uint32_t low = hex4(rest.substr(2));
    if (low >= 0xDC00 && low <= 0xDFFF) {
      at += 6;
      return 0x10000 + ((rune - 0xD800) << 10) + (low - 0xDC00);
    }
  }
  return kReplacementRune;
}

void append_hex_escape(std::string& out, unsigned char byte) {
  out += "\\u00";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

}  // namespace

Kind kind_of(std::string_view value) {
  switch (value.front()) {
    case 'n':
      return Kind::null;
    case 't':
    case 'f':
      return Kind::boolean;
    case '"':
      return Kind::string;
    case '[':
      return Kind::array;
    case '{':
      return Kind::object;
    default:
      return Kind::number;
  }
}

std::vector<Member> members(std::string_view object) {
  std::vector<Member> found;
  for (std::size_t at = skip_between(object, 1); object[at] != '}';) {
    const std::size_t name_end = skip_value(object, at);
    const std::string_view name = object.substr(at, name_end - at);
    const std::size_t begin = skip_between(object, name_end);
    const std::size_t end = skip_value(object, begin);
    found.push_back({unquote(name), object.substr(begin, end - begin)});
    at = skip_between(object, end);
  }
  return found;
}

std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> found;
  for (std::size_t at = skip_between(array, 1); array[at] != ']';) {
    const std::size_t end = skip_value(array, at);
    found.push_back(array.substr(at, end - at));
    at = skip_between(array, end);
  }
  return found;
}

std::string unquote(std::string_view literal) {
  std::string raw;
  raw.reserve(literal.size());
  const std::string_view inside = literal.substr(1, literal.size() - 2);
  for (std::size_t at = 0; at < inside.size();) {
    const char c = inside[at];
    if (c != '\\') {
      at += append_valid_rune(raw, inside.substr(at));
      continue;
    }
    ++at;
    switch (inside[at]) {
      case 'b':
        raw += '\b';
        break;
      case 'f':
        raw += '\f';
        break;
      case 'n':
        raw += '\n';
        break;
      case 'r':
        raw += '\r';
        break;
      case 't':
        raw += '\t';
        break;
      case 'u':
        append_rune(raw, unicode_escape(inside, at));
        break;
      default:
        raw += inside[at];
    }
    ++at;
  }
  return raw;
}

bool names_field(std::string_view name, std::string_view field) {
  std::size_t at = 0;
  for (const char want : field) {
    if (at >= name.size()) return false;
    char c = name[at];
    if (name.substr(at).starts_with("\xC5\xBF")) {  // U+017F, the long s
      c = 's';
      at += 2;
    } else if (name.substr(at).starts_with("\xE2\x84\xAA")) {  // U+212A, the kelvin sign
      c = 'k';
      at += 3;
    } else {
      ++at;
    }
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c != want) return false;
  }
  return at == name.size();
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x80) {
      if (text.substr(at).starts_with("\xE2\x80\xA8") || text.substr(at).starts_with("\xE2\x80\xA9")) {
        out += text[at + 2] == '\xA8' ? "\\u2028" : "\\u2029";
        at += 3;
      } else {
        std::string rune;
        const std::size_t length = append_valid_rune(rune, text.substr(at));
        out += length == 1 ? "\\ufffd" : rune;
        at += length;
      }
      continue;
    }
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' || c == '&') {
          append_hex_escape(out, static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
    ++at;
  }
  out += '"';
}

void append_compact(std::string& out, std::string_view value) {
  bool in_string = false;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char c = value[at];
    if (!in_string && is_space(c)) continue;
    if (c == '"') in_string = !in_string;
    if (c == '<' || c == '>' || c == '&') {
      append_hex_escape(out, static_cast<unsigned char>(c));
    } else if (value.substr(at).starts_with("\xE2\x80\xA8") || value.substr(at).starts_with("\xE2\x80\xA9")) {
      out += value[at + 2] == '\xA8' ? "\\u2028" : "\\u2029";
      at += 2;
    } else {
      out += c;
      if (in_string && c == '\\') out += value[++at];
    }
  }
}

std::string_view type_word(Kind kind) {
  static constexpr std::array<std::string_view, 6> words = {"null",   "bool",  "number",
                                                            "string", "array", "object"};
  return words[static_cast<std::size_t>(kind)];
}

}  // namespace sandbox::go_json

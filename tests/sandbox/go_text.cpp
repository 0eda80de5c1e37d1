#include "go_text.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace sandbox {
namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

template <class Alphabet>
tl::expected<std::string, std::size_t> decode_bits(std::string_view text, Alphabet value_of) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t symbols = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\r' || text[at] == '\n') continue;
    const int value = value_of(text[at]);
    if (value < 0) return tl::unexpected(at);
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    ++symbols;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>((bits >> held) & 0xFFU);
    }
  }
  if (symbols % 4 == 1) return tl::unexpected(text.size() - 1);
  return bytes;
}

std::string encode_bits(std::string_view bytes, std::string_view alphabet) {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) text += alphabet[(bits >> (held - 6)) & 63U];
  }
  if (held > 0) text += alphabet[(bits << (6 - held)) & 63U];
  return text;
}

constexpr std::string_view kUrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int index_in(std::string_view alphabet, char c) {
  const auto at = alphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_rune(std::string& out, std::uint32_t rune) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (rune < 0x80) {
    put(rune);
  } else if (rune < 0x800) {
    put(0xC0U | (rune >> 6));
    put(0x80U | (rune & 0x3FU));
  } else if (rune < 0x10000) {
    put(0xE0U | (rune >> 12));
    put(0x80U | ((rune >> 6) & 0x3FU));
    put(0x80U | (rune & 0x3FU));
  } else {
    put(0xF0U | (rune >> 18));
    put(0x80U | ((rune >> 12) & 0x3FU));
    put(0x80U | ((rune >> 6) & 0x3FU));
    put(0x80U | (rune & 0x3FU));
  }
}

std::size_t append_valid_rune(std::string& out, std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    out += text[0];
    return 1;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  bool valid = first >= 0xC2 && first <= 0xF4 && text.size() >= length;
  for (std::size_t i = 1; valid && i < length; ++i) valid = is_continuation(byte(i));
  // Overlong forms, surrogates, and what lies above U+10FFFF.
  if (valid && ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
                (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F))) {
    valid = false;
  }
  if (!valid) {
    append_rune(out, kReplacementRune);
    return 1;
  }
  out.append(text.substr(0, length));
  return length;
}

std::string go_quote(std::string_view text) {
  std::string quoted = "\"";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto byte = static_cast<unsigned char>(c);
    std::array<char, 12> escape{};
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte >= 0x20 && byte != 0x7F &&
               !(byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) <= 0xA0)) {
      quoted += c;
    } else if (byte == 0xC2) {  // U+0080 to U+00A0: not printable
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned char>(text[++at]));
      quoted += escape.data();
    } else {
      static constexpr std::string_view kNamed = "abtnvfr";  // 0x07 to 0x0D, but in Go's order
      static constexpr std::string_view kBytes = "\a\b\t\n\v\f\r";
      const auto named = kBytes.find(c);
      if (named != std::string_view::npos) {
        quoted += '\\';
        quoted += kNamed[named];
      } else {
        std::snprintf(escape.data(), escape.size(), "\\x%02x", byte);
        quoted += escape.data();
      }
    }
  }
  return quoted + "\"";
}

tl::expected<std::string, std::size_t> decode_base64url(std::string_view text) {
  return decode_bits(text, [](char c) { return index_in(kUrlAlphabet, c); });
}

std::string encode_base64url(std::string_view bytes) { return encode_bits(bytes, kUrlAlphabet); }

std::optional<std::string> decode_base64(std::string_view text) {
  std::string symbols;
  for (const char c : text) {
    if (c != '\r' && c != '\n') symbols += c;
  }
  if (symbols.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && symbols.ends_with('='); ++padding) symbols.pop_back();
  auto bytes = decode_bits(symbols, [](char c) { return index_in(kAlphabet, c); });
  if (!bytes) return std::nullopt;
  return std::move(*bytes);
}

std::string encode_base64(std::string_view bytes) {
  std::string text = encode_bits(bytes, kAlphabet);
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::optional<std::int64_t> parse_int(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace sandbox

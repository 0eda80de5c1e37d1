#include "hydra/redaction.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/evp.h>

#include "client/hex.h"
#include "client/json.h"
#include "client/json_text.h"
#include "client/utf8.h"

namespace hydra_clients::hydra {
namespace {

constexpr std::string_view kWithheld = "[withheld]";
constexpr char32_t kMostCodePoint = 0x10FFFF;

/// Ends of the ways in which a text spells something, as offsets.
using Ends = std::vector<std::size_t>;

struct Named {
  char32_t character;
  std::string_view spelling;
};
constexpr std::array<Named, 6> kNamed{
    {{'"', "&quot;"}, {'&', "&amp;"}, {'\'', "&apos;"}, {'<', "&lt;"}, {'>', "&gt;"}, {' ', "+"}}};
/// What stands behind the backslash where JSON escapes the character so.
constexpr std::array<Named, 9> kEscaped{{{'"', "\""},
                                         {'\\', "\\"},
                                         {'/', "/"},
                                         {'\'', "'"},
                                         {'\n', "n"},
                                         {'\r', "r"},
                                         {'\t', "t"},
                                         {'\b', "b"},
                                         {'\f', "f"}}};

/// "%C3%A9" of the character's bytes; its length, or 0.
std::size_t percentEncoded(std::string_view text, std::string_view character) {
  if (text.size() < character.size() * 3) return 0;
  for (std::size_t i = 0; i < character.size(); ++i) {
    const auto byte = static_cast<unsigned char>(character[i]);
    if (text[3 * i] != '%' || hexValue(text[3 * i + 1]) != byte >> 4 ||
        hexValue(text[3 * i + 2]) != (byte & 0xF)) {
      return 0;
    }
  }
  return character.size() * 3;
}

/// "\u00e9", or a surrogate pair of two such.
std::size_t unicodeEscaped(std::string_view text, char32_t point) {
  const auto isUnit = [](std::string_view at, char32_t unit) {
    return unicodeEscape(at) == static_cast<int>(unit);
  };
  if (point < 0x10000) return isUnit(text, point) ? kUnicodeEscapeLength : 0;
  const char32_t offset = point - 0x10000;
  const bool isPair = isUnit(text, 0xD800 + (offset >> 10)) &&
                      isUnit(text.substr(kUnicodeEscapeLength), 0xDC00 + (offset & 0x3FF));
  return isPair ? 2 * kUnicodeEscapeLength : 0;
}

/// "&#233;" or "&#xE9;".
std::size_t characterReference(std::string_view text, char32_t point) {
  if (!text.starts_with("&#")) return 0;
  const bool isHex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  const std::size_t digits = isHex ? 3 : 2;
  char32_t value = 0;
  for (std::size_t i = digits; i < text.size() && value <= kMostCodePoint; ++i) {
    if (text[i] == ';') return i > digits && value == point ? i + 1 : 0;
    const int digit = hexValue(text[i]);
    if (digit < 0 || (!isHex && digit > 9)) return 0;
    value = value * (isHex ? 16 : 10) + static_cast<char32_t>(digit);
  }
  return 0;
}

void appendSpellings(std::string_view text, std::size_t at, std::string_view character, Ends& ends) {
  if (at >= text.size()) return;
  const std::string_view rest = text.substr(at);
  const auto add = [&](std::size_t length) {
    if (length > 0) ends.push_back(at + length);
  };
  if (rest.starts_with(character)) add(character.size());
  add(percentEncoded(rest, character));
  if (utf8Length(character) == 0) return;
  const char32_t point = codePointOf(character);
  add(unicodeEscaped(rest, point));
  add(characterReference(rest, point));
  for (const auto& [named, spelling] : kNamed) {
    if (named == point && rest.starts_with(spelling)) add(spelling.size());
  }
}

/// As above, and as JSON escapes it with a backslash, which may itself be spelled in any way.
void appendEscapedSpellings(std::string_view text, std::size_t at, std::string_view character, Ends& ends) {
  appendSpellings(text, at, character, ends);
  if (character.size() > 1) return;
  for (const auto& [escaped, letter] : kEscaped) {
    if (escaped != static_cast<unsigned char>(character[0])) continue;
    Ends backslashes;
    appendSpellings(text, at, "\\", backslashes);
    for (const std::size_t end : backslashes) appendSpellings(text, end, letter, ends);
  }
}

/// How many bytes from `at` on spell the secret, at their longest; 0 where they do not. A text that ends in
/// the middle of one was cut there.
std::size_t spelledAt(std::string_view text, std::size_t at, std::string_view secret) {
  const std::size_t whole = secret.size();
  Ends ends{at};
  while (!secret.empty() && !ends.empty()) {
    const bool isCutHere = ends.back() == text.size();
    if (isCutHere && whole - secret.size() >= Redaction::kShortest) break;
    const std::string_view character = secret.substr(0, std::max<std::size_t>(utf8Length(secret), 1));
    Ends next;
    for (const std::size_t end : ends) appendEscapedSpellings(text, end, character, next);
    std::ranges::sort(next);
    next.erase(std::ranges::unique(next).begin(), next.end());
    ends = std::move(next);
    secret.remove_prefix(character.size());
  }
  return ends.empty() ? 0 : ends.back() - at;
}

/// What base64 (RFC 4648) makes of the bytes behind `before` other ones, without the digits that depend on
/// their neighbours.
std::string base64Core(std::string_view bytes, std::size_t before) {
  std::string whole(before, '\0');
  whole.reserve(before + bytes.size());
  whole += bytes;
  std::string digits((whole.size() + 2) / 3 * 4 + 1, '\0');  // and the NUL that OpenSSL writes
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(digits.data()),
                  reinterpret_cast<const unsigned char*>(whole.data()), static_cast<int>(whole.size()));
  digits.resize(whole.size() * 8 / 6);
  if (before > 0) digits.erase(0, before + 1);
  wipe(whole);
  return digits;
}

std::string inUrlAlphabet(std::string digits) {
  std::ranges::replace(digits, '+', '-');
  std::ranges::replace(digits, '/', '_');
  return digits;
}

}  // namespace

void Redaction::add(std::string_view secret) {
  if (secret.size() < kShortest) return;
  secrets_.emplace_back(std::string(secret));
  for (std::size_t before = 0; before < 3; ++before) {
    std::string digits = base64Core(secret, before);
    secrets_.emplace_back(inUrlAlphabet(digits));
    secrets_.emplace_back(std::move(digits));
  }
}

std::size_t Redaction::secretAt(std::string_view text, std::size_t at) const {
  const bool mayBeEscape = std::string_view("%\\&+").find(text[at]) != std::string_view::npos;
  std::size_t longest = 0;
  for (const Secret& secret : secrets_) {
    const std::string_view bytes = secret.reveal(Purpose::kComparison);
    if (bytes[0] != text[at] && !mayBeEscape) continue;  // nearly always
    longest = std::max(longest, spelledAt(text, at, bytes));
  }
  return longest;
}

std::string Redaction::of(std::string_view text) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t secret = secretAt(text, at); secret > 0) {
      out += kWithheld;
      at += secret;
    } else {
      out += text[at++];
    }
  }
  return out;
}

void Redaction::applyTo(Response& response) const {
  if (secrets_.empty()) return;
  response.headers.location = of(response.headers.location);
  auto document = json::parse(response.body);
  if (!document || !document->isObject()) {
    response.body = of(response.body);
    return;
  }
  for (json::Member& member : document->members) {
    if (member.value.isString()) member.value.text = of(member.value.text);
  }
  response.body = of(json::write(*document));
}

}  // namespace hydra_clients::hydra

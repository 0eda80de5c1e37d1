#include "client/key_set.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <openssl/sha.h>

#include "client/hex.h"
#include "client/json_text.h"

namespace hydra_clients {
namespace {

using json::Value;

/// How the text of a key's member is read.
enum class MemberForm {
  kText,     ///< as it stands
  kInteger,  ///< base64url of an unsigned integer: leading zeros mean nothing
  kBytes,    ///< base64url of bytes
};

struct KeyMember {
  std::string_view name;
  MemberForm form;
};

/// What go-jose keeps of a key. The private RSA members dp, dq and qi follow from d, p and q and are
/// recomputed.
constexpr auto kKeptMembers = std::to_array<KeyMember>({
    {"use", MemberForm::kText},
    {"kty", MemberForm::kText},
    {"kid", MemberForm::kText},
    {"crv", MemberForm::kText},
    {"alg", MemberForm::kText},
    {"k", MemberForm::kBytes},
    {"x", MemberForm::kInteger},
    {"y", MemberForm::kInteger},
    {"n", MemberForm::kInteger},
    {"e", MemberForm::kInteger},
    {"d", MemberForm::kInteger},
    {"p", MemberForm::kInteger},
    {"q", MemberForm::kInteger},
    {"x5c", MemberForm::kText},
    {"x5u", MemberForm::kText},
    {"x5t", MemberForm::kText},
    {"x5t#S256", MemberForm::kText},
});

constexpr std::size_t kEd25519Bytes = 32;
constexpr std::size_t kExponentBytes = 8;

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-' || c == '+') return 62;
  if (c == '_' || c == '/') return 63;
  return -1;
}

/// Base64url as Go reads it: line breaks inside are skipped, padding and unused trailing bits mean nothing.
std::optional<std::string> decodeBase64Url(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == '=') continue;
    const int value = sextet(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  return bytes;
}

std::string withoutLeadingZeros(std::string bytes) {
  bytes.erase(0, std::min(bytes.find_first_not_of('\0'), bytes.size()));
  return bytes;
}

std::string canonicalText(const KeyMember& member, std::string_view text, bool edwards) {
  if (member.form == MemberForm::kText) return json::quote(text);
  auto bytes = decodeBase64Url(text);
  if (!bytes) return json::quote(text);
  if (edwards && member.name == "x") {
    bytes->resize(kEd25519Bytes, '\0');  // Hydra pads or cuts to the key's size
  } else if (member.form == MemberForm::kInteger) {
    if (member.name == "e" && bytes->size() > kExponentBytes) {
      bytes->erase(0, bytes->size() - kExponentBytes);  // Hydra keeps 64 bits
    }
    bytes = withoutLeadingZeros(*std::move(bytes));
  }
  return '"' + hex(*bytes) + '"';
}

std::string canonicalKey(const Value& key) {
  if (!key.isObject()) return json::canonical(key);
  const Value* curve = key.find("crv");
  const bool edwards = curve != nullptr && curve->text == "Ed25519";
  std::string text;
  for (const KeyMember& member : kKeptMembers) {
    const Value* value = key.find(member.name);
    if (value == nullptr || value->isNull()) continue;
    if (value->isString() && value->text.empty()) continue;
    if (value->isArray() && value->items.empty()) continue;
    text += std::string(member.name) + ':';
    text += value->isString() ? canonicalText(member, value->text, edwards) : json::canonical(*value);
  }
  return text;
}

std::string digest(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> bytes{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data());
  return hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

std::string canonicalKeySet(const Value& value) {
  if (!value.isObject()) return digest(json::canonical(value));
  const Value* keys = nullptr;
  for (const json::Member& member : value.members) {
    if (foldName(member.name) == "keys") keys = &member.value;
  }
  if (keys == nullptr) return "";  // a bare key, or {}: stored as {}
  if (!keys->isArray() && !keys->isNull()) return digest(json::canonical(value));
  std::vector<std::string> texts;
  texts.reserve(keys->items.size());
  for (const Value& key : keys->items) texts.push_back(canonicalKey(key));
  std::ranges::sort(texts);
  std::string joined;
  for (const std::string& text : texts) joined += text + ';';
  return digest(joined);
}

}  // namespace hydra_clients

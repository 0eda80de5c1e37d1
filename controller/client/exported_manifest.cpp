#include "client/exported_manifest.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <openssl/sha.h>

#include "client/canonical.h"
#include "client/fields.h"
#include "client/hex.h"
#include "client/secret_source.h"

namespace hydra_clients {
namespace {

using json::Value;

/// What people look for first; the other fields follow in the table's order, metadata last.
constexpr std::array<std::string_view, 11> kFirst = {"client_id",
                                                     "client_name",
                                                     "owner",
                                                     "grant_types",
                                                     "response_types",
                                                     "scope",
                                                     "audience",
                                                     "redirect_uris",
                                                     "post_logout_redirect_uris",
                                                     "token_endpoint_auth_method",
                                                     kSecretFromKey};

struct Default {
  std::string_view field;
  std::string_view value;
};
/// What Hydra fills in where a client says nothing (client/validator.go), and a manifest need not say.
constexpr std::array<Default, 3> kDefaults = {{{"subject_type", "public"},
                                               {"token_endpoint_auth_method", "client_secret_basic"},
                                               {"userinfo_signed_response_alg", "none"}}};

bool goesWithoutSaying(const Field& field, const Value& value) {
  if (canonicalValue(field, &value).empty()) return true;
  const auto known = std::ranges::find(kDefaults, field.name, &Default::field);
  return known != kDefaults.end() && value.isString() && value.text == known->value;
}

/// metadata without the stamp of a generated secret; an object that only held the stamp is gone.
Value withoutStamp(Value metadata) {
  std::erase_if(metadata.members, [](json::Member& member) {
    if (member.name != kStampKey || !member.value.isObject()) return false;
    std::erase_if(member.value.members, [](const json::Member& inner) { return inner.name == "import"; });
    return member.value.members.empty();
  });
  return metadata;
}

std::string_view textOf(const Value& client, std::string_view name) {
  const Value* const value = client.find(name);
  return value != nullptr ? std::string_view(value->text) : std::string_view();
}

bool needsSecret(const Value& client) {
  const std::string_view method = textOf(client, "token_endpoint_auth_method");
  return method != "none" && method != "private_key_jwt";
}

/// Hydra takes private_key_jwt only with a key set or the address of one, be it an empty set.
bool needsKeySet(const Value& client) {
  return textOf(client, "token_endpoint_auth_method") == "private_key_jwt" &&
         textOf(client, "jwks_uri").empty();
}

void addField(Value& manifest, const Value& live, std::string_view name) {
  if (name == kSecretFromKey) {
    if (!needsSecret(live)) return;
    const Value* id = live.find("client_id");
    manifest.add(std::string(name),
                 Value::object().add("env", Value::string(secretVariableOf(id != nullptr ? id->text : ""))));
    return;
  }
  const Field* field = findField(name);
  const Value* value = live.find(name);
  if (field == nullptr || value == nullptr) return;
  const bool isAskedFor = field->type == FieldType::kKeySet && value->isObject() && needsKeySet(live);
  if (field->type == FieldType::kClientId || isAskedFor) {
    manifest.add(std::string(name), *value);
  } else if (field->compared() && !goesWithoutSaying(*field, *value)) {
    manifest.add(std::string(name), field->type == FieldType::kMetadata ? withoutStamp(*value) : *value);
  }
}

}  // namespace

std::string secretVariableOf(const ClientId& id) {
  std::string name(kSecretsEnvPrefix);
  // Of small letters, digits and single hyphens: then the name tells the id, and "__" can only begin a hash.
  bool plain = id.find("--") == std::string::npos && !id.ends_with('-');
  for (const char c : id) {
    const bool small = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    plain = plain && (small || digit || c == '-');
    const bool capital = c >= 'A' && c <= 'Z';
    name += small ? static_cast<char>(c - 'a' + 'A') : digit || capital ? c : '_';
  }
  if (plain) return name;
  constexpr std::size_t kDigits = 16;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(id.data()), id.size(), digest.data());
  std::string digits = hex({reinterpret_cast<const char*>(digest.data()), digest.size()}).substr(0, kDigits);
  std::ranges::transform(digits, digits.begin(),
                         [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
  return name + "__" + digits;
}

Value exportedManifest(const Value& liveClient) {
  Value manifest = Value::object();
  for (const std::string_view name : kFirst) addField(manifest, liveClient, name);
  for (const Field& field : allFields()) {
    const bool isFirst = std::ranges::find(kFirst, field.name) != kFirst.end();
    if (!isFirst && field.type != FieldType::kMetadata) addField(manifest, liveClient, field.name);
  }
  addField(manifest, liveClient, "metadata");
  return manifest;
}

}  // namespace hydra_clients

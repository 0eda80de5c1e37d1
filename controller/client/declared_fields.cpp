#include "client/declared_fields.h"

#include <algorithm>
#include <string>

#include <openssl/sha.h>

namespace hydra_clients {
namespace {

/// Adds to a text for the values of certain fields, which no other values of them have.
void append(std::string& text, std::string_view canonical) {
  text += std::to_string(canonical.size()) + ':';
  text += canonical;
}

template <typename Digest>
Digest digestOf(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> whole{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), whole.data());
  Digest digest{};
  std::copy_n(whole.begin(), digest.size(), digest.begin());
  return digest;
}

}  // namespace

DeclaredFields::DeclaredFields(const CanonicalFields& declared, const HydraVersion& version) {
  std::string text;
  for (const CanonicalFields::Entry& entry : declared.entries()) {
    declared_.set(entry.field);
    filled_.set(entry.field, !entry.canonical.empty());
    if (!allFields()[entry.field].knownBy(version)) continue;
    digested_.set(entry.field);
    append(text, entry.canonical);
  }
  digest_ = digestOf<Digest>(text);
}

bool DeclaredFields::areIn(const json::Value& liveClient, const HydraVersion& version) const {
  std::string text;
  for (std::size_t i = 0; i < allFields().size(); ++i) {
    if (!declared_.test(i)) continue;
    const Field& field = allFields()[i];
    if (field.knownBy(version) != digested_.test(i)) return false;
    if (digested_.test(i)) append(text, canonicalValue(field, liveClient.find(field.name)));
  }
  return digestOf<Digest>(text) == digest_;
}

std::vector<std::string_view> DeclaredFields::unknownTo(const HydraVersion& version) const {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < allFields().size(); ++i) {
    const Field& field = allFields()[i];
    if (filled_.test(i) && !field.knownBy(version)) names.push_back(field.name);
  }
  return names;
}

}  // namespace hydra_clients

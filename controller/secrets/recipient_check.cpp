#include "secrets/recipient_check.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "client/one_line.h"
#include "secrets/key_expiry.h"

namespace hydra_clients::secrets {
namespace {

constexpr std::size_t kMaxFingerprintsNamed = 3;
constexpr int kMaxSubkeys = 1000;    // of one key, that are looked at
constexpr int kSecretKeyPacket = 5;  // RFC 4880, 4.3: the tags of packets

tl::unexpected<std::string> refused(std::string why) { return tl::make_unexpected(std::move(why)); }

/// The tag of the OpenPGP packet that begins with this byte (RFC 4880, 4.2), or -1 where none does.
int packetTag(unsigned char byte) {
  if ((byte & 0x80) == 0) return -1;
  return (byte & 0x40) != 0 ? byte & 0x3f : (byte & 0x3c) >> 2;
}

std::vector<const _gpgme_subkey*> encryptionKeysOf(const _gpgme_key& key) {
  std::vector<const _gpgme_subkey*> keys;
  const _gpgme_subkey* subkey = key.subkeys;
  for (int i = 0; subkey != nullptr && i < kMaxSubkeys; ++i, subkey = subkey->next) {
    if (subkey->can_encrypt != 0) keys.push_back(subkey);
  }
  return keys;
}

bool usable(const _gpgme_subkey* key) {
  return key->revoked == 0 && key->expired == 0 && key->disabled == 0 && key->invalid == 0;
}

/// Why none of the key's encryption keys can be used; there is at least one.
std::string whyNotUsable(const _gpgme_key& owner, const std::vector<const _gpgme_subkey*>& keys) {
  const auto any = [&](auto test) { return std::any_of(keys.begin(), keys.end(), test); };
  const auto last =
      *std::max_element(keys.begin(), keys.end(), [](auto* a, auto* b) { return a->expires < b->expires; });
  if (any([](auto* key) { return key->expired != 0; })) {
    return "its encryption key expired on " + dateOf(last->expires) +
           "; renew it and export it again: gpg --quick-set-expire " + owner.subkeys->fpr + " 1y " +
           (last->fpr != nullptr && last != owner.subkeys ? last->fpr : "");
  }
  if (any([](auto* key) { return key->revoked != 0; })) {
    return "its encryption key has been revoked; add a new one (gpg --quick-add-key) and export it again";
  }
  return "its encryption key cannot be used by this GnuPG";
}

/// Seconds since 1970 at which nothing can be encrypted to the key any more; 0 for never.
unsigned long endOf(const _gpgme_key& key, const std::vector<const _gpgme_subkey*>& usableKeys) {
  unsigned long subkeysEnd = 0;
  for (const auto* subkey : usableKeys) {
    if (subkey->expires == 0) {
      subkeysEnd = 0;
      break;
    }
    subkeysEnd = std::max(subkeysEnd, static_cast<unsigned long>(subkey->expires));
  }
  const auto primaryEnd = static_cast<unsigned long>(key.subkeys->expires);
  if (primaryEnd == 0 || subkeysEnd == 0) return std::max(primaryEnd, subkeysEnd);
  return std::min(primaryEnd, subkeysEnd);
}

/// Whoever made the key chose it, with whatever a terminal would obey.
std::string userIdOf(const _gpgme_key& key) {
  return key.uids != nullptr && key.uids->uid != nullptr ? onOneLine(key.uids->uid) : "";
}

}  // namespace

std::string nameOf(const _gpgme_key& key) {
  std::string name = "the key";
  if (key.subkeys != nullptr && key.subkeys->fpr != nullptr) name += std::string(" ") + key.subkeys->fpr;
  const std::string user = userIdOf(key);
  return user.empty() ? name : name + " (" + user + ")";
}

tl::expected<void, std::string> checkPublic(std::string_view bytes) {
  const auto first =
      std::find_if_not(bytes.begin(), bytes.end(), [](unsigned char c) { return std::isspace(c); });
  if (first == bytes.end()) return refused("it is empty, not a PGP key");
  if (*first == '<') return refused("it is an HTML or XML page, not a PGP key");
  const bool armoredSecret = bytes.find("-----BEGIN PGP PRIVATE KEY BLOCK-----") != std::string_view::npos;
  if (armoredSecret || packetTag(static_cast<unsigned char>(bytes.front())) == kSecretKeyPacket)
    return refused(kHoldsPrivateKey);
  return {};
}

tl::expected<void, std::string> checkKeyBytes(std::string_view key) {
  if (key.size() > kMaxKeyBytes) {
    return refused("it is larger than " + std::to_string(kMaxKeyBytes >> 10) +
                   " KiB, so it is not one public key; export it with --export-options export-minimal");
  }
  return checkPublic(key);
}

tl::expected<std::string, std::string> checkImport(const _gpgme_op_import_result& result,
                                                   std::string_view engine) {
  if (result.secret_read > 0) return refused(kHoldsPrivateKey);
  std::vector<std::string> fingerprints;
  const _gpgme_import_status* status = result.imports;
  for (int i = 0; status != nullptr && i < kMaxSubkeys; ++i, status = status->next) {
    const std::string fingerprint = status->fpr == nullptr ? "" : status->fpr;
    const bool known = std::find(fingerprints.begin(), fingerprints.end(), fingerprint) != fingerprints.end();
    if (!fingerprint.empty() && !known && status->result == GPG_ERR_NO_ERROR) {
      fingerprints.push_back(fingerprint);
    }
  }
  if (fingerprints.size() > 1) {
    std::string names;
    for (std::size_t i = 0; i < std::min(fingerprints.size(), kMaxFingerprintsNamed); ++i) {
      names += (i == 0 ? "" : ", ") + fingerprints[i];
    }
    return refused("it holds " + std::to_string(fingerprints.size()) + " keys (" + names +
                   (fingerprints.size() > kMaxFingerprintsNamed ? ", …" : "") +
                   "), so whom to encrypt to is unclear; export one: gpg --armor --export FINGERPRINT");
  }
  if (fingerprints.empty() && result.no_user_id > 0) {
    return refused(
        "its key is damaged or was exported without a user ID, which GnuPG needs; export it again from its "
        "owner's "
        "keyring");
  }
  if (fingerprints.empty()) {
    return refused("it holds no PGP key that GnuPG " + std::string(engine) + " can read");
  }
  return fingerprints.front();
}

tl::expected<Recipient, std::string> checkRecipient(const _gpgme_key& key) {
  if (key.subkeys == nullptr || key.subkeys->fpr == nullptr)
    return refused("GnuPG shows no fingerprint for it");
  const std::string name = nameOf(key);
  if (key.revoked != 0) return refused(name + " has been revoked by its owner");
  if (key.expired != 0) {
    return refused(name + " expired on " + dateOf(key.subkeys->expires) +
                   "; renew it and export it again: gpg --quick-set-expire " + key.subkeys->fpr + " 1y");
  }
  if (key.disabled != 0) return refused(name + " is disabled");
  auto keys = encryptionKeysOf(key);
  if (keys.empty()) {
    return refused(name + " can only sign: it has no encryption key; add one with: gpg --quick-add-key " +
                   key.subkeys->fpr + " cv25519 encrypt");
  }
  const std::string why = whyNotUsable(key, keys);
  keys.erase(std::remove_if(keys.begin(), keys.end(), [](auto* k) { return !usable(k); }), keys.end());
  if (keys.empty()) return refused(name + " cannot be encrypted to: " + why);
  if (key.invalid != 0) return refused(name + " is not valid");

  Recipient recipient{key.subkeys->fpr, userIdOf(key), std::nullopt};
  const unsigned long end = endOf(key, keys);
  if (end != 0) recipient.expires = std::chrono::system_clock::from_time_t(static_cast<std::time_t>(end));
  return recipient;
}

}  // namespace hydra_clients::secrets

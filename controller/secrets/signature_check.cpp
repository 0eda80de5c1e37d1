#include "secrets/signature_check.h"

#include <algorithm>
#include <array>
#include <utility>

#include "secrets/gpg_engine.h"
#include "secrets/recipient_check.h"

namespace hydra_clients::secrets {
namespace {

constexpr int kMaxSubkeys = 1000;  ///< of one key, that are looked at
constexpr const char* kSignAnew = "sign it anew (git commit --amend -S)";

/// A signature block's first line, and what is said of it; git's own list (gpg-interface.c).
struct OtherFormat {
  std::string_view begin;
  const char* words;
};
constexpr std::array kOtherFormats{
    OtherFormat{"-----BEGIN SSH SIGNATURE-----",
                "it is signed with an SSH key, and only OpenPGP signatures are checked"},
    OtherFormat{"-----BEGIN SIGNED MESSAGE-----",
                "it is signed with an X.509 certificate, and only OpenPGP signatures are checked"},
};

tl::unexpected<SignatureFault> refused(std::string words) {
  return tl::make_unexpected(SignatureFault{std::move(words), /*undecided=*/false});
}

/// Of two times, of which 0 is never, the first.
unsigned long firstOf(unsigned long a, unsigned long b) { return a == 0 || (b != 0 && b < a) ? b : a; }

/// The part of the key that made the signature; the key itself where that cannot be told.
const _gpgme_subkey* signerOf(const _gpgme_key& owner, const std::string& fingerprint) {
  const _gpgme_subkey* subkey = owner.subkeys;
  for (int i = 0; subkey != nullptr && i < kMaxSubkeys; ++i, subkey = subkey->next) {
    if (subkey->fpr != nullptr && std::string_view(subkey->fpr).ends_with(fingerprint)) return subkey;
  }
  return owner.subkeys;
}

unsigned long endOf(const _gpgme_subkey* part) {
  return part == nullptr ? 0 : static_cast<unsigned long>(part->expires);
}

/// "signed by the key F (Bob)", or by a subkey of it.
std::string nameOfSigner(const _gpgme_key& owner, const _gpgme_subkey* signer) {
  if (signer == nullptr || signer == owner.subkeys || signer->fpr == nullptr) return nameOf(owner);
  return "the subkey " + std::string(signer->fpr) + " of " + nameOf(owner);
}

std::string whenExpired(const _gpgme_key& owner, const _gpgme_subkey* signer) {
  const bool whole = owner.expired != 0 || signer == nullptr;
  return " expired on " + dateOf(static_cast<std::time_t>(endOf(whole ? owner.subkeys : signer)));
}

}  // namespace

tl::expected<void, std::string> checkSignatureBytes(std::string_view signature) {
  if (signature.empty()) {
    return tl::make_unexpected(std::string("it is not signed; ") + kSignAnew +
                               ", and what is committed from now on too (git config commit.gpgSign true)");
  }
  for (const OtherFormat& other : kOtherFormats) {
    if (signature.starts_with(other.begin))
      return tl::make_unexpected(other.words + std::string("; ") + kSignAnew +
                                 " with an OpenPGP key (git config gpg.format openpgp)");
  }
  if (!signature.starts_with("-----BEGIN PGP SIGNATURE-----")) {
    return tl::make_unexpected(std::string("its signature is of a kind that is not known; ") + kSignAnew +
                               " with an OpenPGP key");
  }
  if (signature.size() > kMaxSignatureBytes) {
    return tl::make_unexpected("its signature is larger than the " +
                               std::to_string(kMaxSignatureBytes >> 10) + " KiB that it may have");
  }
  return {};
}

tl::expected<SignatureStatus, SignatureFault> onlySignature(const _gpgme_op_verify_result& result) {
  const _gpgme_signature* const first = result.signatures;
  if (first == nullptr)
    return refused(std::string("its signature is damaged: GnuPG cannot read it; ") + kSignAnew);
  if (first->next != nullptr) {
    return refused(
        "it has several signatures in one, which `git verify-commit` refuses as well; sign it with one key");
  }
  return SignatureStatus{first->status, first->fpr == nullptr ? "" : first->fpr, first->exp_timestamp};
}

tl::expected<GoodSignature, SignatureFault> judge(const SignatureStatus& signature, const _gpgme_key* owner,
                                                  const std::string& keyring) {
  const gpgme_err_code_t code = gpgme_err_code(signature.status);
  if (code == GPG_ERR_NO_PUBKEY) {
    return refused("it is signed by the key " + signature.key + ", which is not in " + keyring +
                   "; where its owner may sign, add it there (gpg --armor --export " + signature.key + ")");
  }
  const _gpgme_subkey* const signer = owner == nullptr ? nullptr : signerOf(*owner, signature.key);
  const std::string name = owner == nullptr ? "the key " + signature.key : nameOfSigner(*owner, signer);
  const std::string expired = owner == nullptr ? " has expired" : whenExpired(*owner, signer);
  switch (code) {
    case GPG_ERR_NO_ERROR:
      break;
    case GPG_ERR_BAD_SIGNATURE:
      return refused("its signature, by " + name +
                     ", is over something else: the commit was changed after it was signed, or the signature "
                     "is another one's; " +
                     kSignAnew);
    case GPG_ERR_KEY_EXPIRED:
      return refused("it is signed by " + name + ", which" + expired +
                     "; its owner renews it (gpg --quick-set-expire) for " + keyring +
                     ", or sign it with another key");
    case GPG_ERR_SIG_EXPIRED:
      return refused("its signature, by " + name + ", expired on " +
                     dateOf(static_cast<std::time_t>(signature.ends)) + "; " + kSignAnew);
    case GPG_ERR_CERT_REVOKED:
      return refused("it is signed by " + name + ", which has been revoked; " + kSignAnew +
                     " with another key");
    default:
      return tl::make_unexpected(SignatureFault{
          "its signature, by " + name + ", cannot be checked: " + wordsOf(signature.status), true});
  }
  if (owner == nullptr) return tl::make_unexpected(SignatureFault{name + " cannot be found again", true});
  const unsigned long end = firstOf(signature.ends, firstOf(endOf(owner->subkeys), endOf(signer)));
  GoodSignature good{name, std::nullopt};
  if (end != 0) good.ends = std::chrono::system_clock::from_time_t(static_cast<std::time_t>(end));
  return good;
}

std::string endsSoon(const GoodSignature& signature, const std::string& keyring, WallTime now) {
  if (!signature.ends || *signature.ends > now + kKeyEndsSoon) return "";
  return "its signature, by " + signature.key + ", holds until " +
         dateOf(std::chrono::system_clock::to_time_t(*signature.ends)) +
         ", and then it is refused; renew the key (gpg --quick-set-expire) and put it into " + keyring +
         " again";
}

}  // namespace hydra_clients::secrets

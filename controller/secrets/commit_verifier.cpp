#include "secrets/commit_verifier.h"

#include <utility>

#include <openssl/evp.h>

#include "secrets/file_state.h"
#include "secrets/secret_file.h"

namespace hydra_clients::secrets {
namespace {

/// A hundred people with years of other people's signatures.
constexpr std::size_t kMaxKeyringBytes = 16 << 20;
/// The text of a commit: its message and, of a merge, the tags that were merged.
constexpr std::size_t kMaxContentBytes = 16 << 20;
/// The newest commit and the last good one, and some that came and went; then all is forgotten, and asked
/// anew.
constexpr std::size_t kMostVerdicts = 64;
/// A keyring that could not be had, or a gpg that hung, is tried again after that.
constexpr std::chrono::seconds kTryAgainAfter{5};

constexpr const char* kFlag = "--require-signed-commits ";

bool isOver(const GoodSignature& signature) {
  return signature.ends && *signature.ends <= std::chrono::system_clock::now();
}

}  // namespace

CommitVerifier::CommitVerifier(std::string keyringFile, PgpOptions gpg)
    : file_(std::move(keyringFile)), gpg_(std::move(gpg)) {}

CommitVerifier::Digest CommitVerifier::digestOf(std::string_view content, std::string_view signature) {
  const std::string text =
      std::to_string(content.size()) + '\0' + std::string(content) + std::string(signature);
  Digest digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

tl::expected<std::unique_ptr<PublicKeyring>, std::string> CommitVerifier::load() const {
  const auto bytes = readFile(file_, readBytes, kMaxKeyringBytes);
  if (!bytes) return tl::make_unexpected(kFlag + bytes.error());
  auto keyring = PublicKeyring::load(bytes->reveal(Purpose::kEncryption), file_, gpg_);
  if (!keyring) return tl::make_unexpected(kFlag + file_ + ": " + keyring.error());
  return keyring;
}

void CommitVerifier::refresh() {
  const struct stat now = lookAt(file_);
  const bool again = !keyring_ && std::chrono::steady_clock::now() - loadedAt_ >= kTryAgainAfter;
  if (tried_ && sameFile(now, state_) && !again) return;
  tried_ = true;
  state_ = now;
  verdicts_.clear();
  keyring_ = tl::make_unexpected(std::string());  // the old one's home goes first
  keyring_ = load();
  loadedAt_ = std::chrono::steady_clock::now();
}

CommitVerifier::Verdict CommitVerifier::ask(std::string_view content, std::string_view signature) {
  if (content.size() > kMaxContentBytes) {
    return tl::make_unexpected(SignatureFault{
        "its text is larger than the " + std::to_string(kMaxContentBytes >> 20) + " MiB that are checked",
        /*undecided=*/false});
  }
  if (auto lawful = checkSignatureBytes(signature); !lawful)
    return tl::make_unexpected(SignatureFault{std::move(lawful.error()), /*undecided=*/false});
  Verdict verdict = (*keyring_)->verify(content, signature);
  if ((*keyring_)->hung()) {
    keyring_ = tl::make_unexpected(verdict.error().words);
    loadedAt_ = std::chrono::steady_clock::now();
  }
  return verdict;
}

CommitVerifier::Verdict CommitVerifier::check(std::string_view content, std::string_view signature) {
  refresh();
  if (!keyring_) return tl::make_unexpected(SignatureFault{keyring_.error(), /*undecided=*/true});
  const Digest digest = digestOf(content, signature);
  const auto known = verdicts_.find(digest);
  if (known != verdicts_.end() && !(known->second && isOver(*known->second))) return known->second;
  Verdict verdict = ask(content, signature);
  if (verdict || !verdict.error().undecided) {
    if (verdicts_.size() >= kMostVerdicts) verdicts_.clear();
    verdicts_.insert_or_assign(digest, verdict);
  }
  return verdict;
}

}  // namespace hydra_clients::secrets

#include "secrets/decryptor.h"

#include <utility>

#include "secrets/file_state.h"
#include "secrets/sealed_payload.h"
#include "secrets/secret_file.h"

namespace hydra_clients::secrets {
namespace {

/// Several private keys with years of other people's signatures.
constexpr std::size_t kMaxPrivateKeyBytes = 4 << 20;
constexpr std::size_t kMaxPassphraseBytes = 1 << 10;
constexpr std::size_t kMaxMessageBytes = 1 << 20;
/// As many as there may be manifests by default; then all is forgotten, and opened anew.
constexpr std::size_t kMaxAnswers = 100'000;
/// A key that could not be had for a reason that passes (no memory for its folder) is tried again after that.
constexpr std::chrono::seconds kTryAgainAfter{5};

constexpr const char* kWhat = "client_secret_from: the PGP message ";

using Read = tl::expected<Secret, std::string>;

/// The error is whole: it begins with the flag and the path.
Read readOf(const std::string& flag, const std::string& path,
            Read (*reader)(const FileDescriptor&, std::size_t), std::size_t maxBytes) {
  auto content = readFile(path, reader, maxBytes);
  if (!content) return tl::make_unexpected(flag + " " + content.error());
  if (content->empty()) return tl::make_unexpected(flag + " " + path + " is empty");
  return content;
}

/// No client_id of a manifest holds a NUL.
Fingerprint answerFor(std::string_view message, std::string_view clientId) {
  return fingerprintOf(std::string(clientId) + '\0' + std::string(message));
}

}  // namespace

Decryptor::Decryptor(DecryptorOptions options) : options_(std::move(options)) {}

Decryptor::Files Decryptor::look() const {
  return {lookAt(options_.privateKeyFile), lookAt(options_.passphraseFile)};
}

bool Decryptor::same(const Files& a, const Files& b) {
  return sameFile(a.key, b.key) && sameFile(a.passphrase, b.passphrase);
}

tl::expected<std::unique_ptr<PrivateKey>, OpeningFault> Decryptor::load() const {
  constexpr const char* kFlag = "--pgp-private-key-file";
  const auto notHad = [](const std::string& why, bool passing) {
    return tl::make_unexpected(OpeningFault{"cannot be opened: " + why, passing});
  };
  const auto key = readOf(kFlag, options_.privateKeyFile, readBytes, kMaxPrivateKeyBytes);
  if (!key) return notHad(key.error(), /*passing=*/true);
  Secret passphrase;
  if (!options_.passphraseFile.empty()) {
    auto read = readOf("--pgp-passphrase-file", options_.passphraseFile, readLine, kMaxPassphraseBytes);
    if (!read) return notHad(read.error(), /*passing=*/true);
    passphrase = std::move(*read);
    if (passphrase.reveal(Purpose::kUnsealing).find('\n') != std::string_view::npos)
      return notHad("--pgp-passphrase-file " + options_.passphraseFile + " holds more than one line", false);
  }
  auto loaded = PrivateKey::load(*key, std::move(passphrase), options_.gpg);
  if (!loaded) {
    return notHad(std::string(kFlag) + " " + options_.privateKeyFile + " " + loaded.error().words,
                  loaded.error().passing);
  }
  return loaded;
}

void Decryptor::refresh() {
  const Files now = look();
  const bool passed = tried_ && !key_ && key_.error().passing &&
                      std::chrono::steady_clock::now() - loadedAt_ >= kTryAgainAfter;
  if (tried_ && same(now, files_) && !passed) return;
  answers_.clear();
  tried_ = true;
  files_ = now;
  key_ = tl::make_unexpected(OpeningFault{});  // the old one's home and agent go first
  key_ = load();
  loadedAt_ = std::chrono::steady_clock::now();
}

void Decryptor::giveUp(const OpeningFault& fault) {
  key_ = tl::make_unexpected(fault);
  loadedAt_ = std::chrono::steady_clock::now();
}

Decryptor::Opened Decryptor::openNow(std::string_view message, std::string_view clientId) {
  if (!key_) return tl::make_unexpected(key_.error());
  if (message.size() > kMaxMessageBytes) {
    return tl::make_unexpected(OpeningFault{
        "is larger than the " + std::to_string(kMaxMessageBytes) + " bytes that it may have", false});
  }
  auto payload = (*key_)->decrypt(message);
  if (!payload) {
    OpeningFault fault = payload.error();
    if (fault.passing) giveUp(fault);
    return tl::make_unexpected(std::move(fault));
  }
  auto secret = openPayload(*payload, clientId);
  if (!secret) return tl::make_unexpected(OpeningFault{std::move(secret.error()), false});
  return std::move(*secret);
}

void Decryptor::remember(const Fingerprint& message, const Opened& opened) {
  if (!opened && opened.error().passing) return;
  if (answers_.size() >= kMaxAnswers) answers_.clear();
  answers_[message] = opened ? "" : opened.error().words;
}

tl::expected<Secret, std::string> Decryptor::open(std::string_view message, std::string_view clientId) {
  const std::lock_guard lock(mutex_);
  refresh();
  auto opened = openNow(message, clientId);
  remember(answerFor(message, clientId), opened);
  if (!opened) return tl::make_unexpected(kWhat + opened.error().words);
  return std::move(*opened);
}

tl::expected<void, std::string> Decryptor::check(std::string_view message, std::string_view clientId) {
  {
    const std::lock_guard lock(mutex_);
    refresh();
    if (const auto known = answers_.find(answerFor(message, clientId)); known != answers_.end()) {
      if (known->second.empty()) return {};
      return tl::make_unexpected(kWhat + known->second);
    }
  }
  const auto secret = open(message, clientId);
  if (!secret) return tl::make_unexpected(secret.error());
  return {};
}

}  // namespace hydra_clients::secrets

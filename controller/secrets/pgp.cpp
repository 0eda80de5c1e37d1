#include "secrets/pgp.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include <gpgme.h>

#include "secrets/gpg_engine.h"
#include "secrets/key_expiry.h"
#include "secrets/recipient_check.h"

namespace hydra_clients::secrets {
namespace {

/// A secret of 16 KiB for a handful of recipients takes 30 KiB.
constexpr std::size_t kMaxMessageBytes = 1 << 20;
constexpr int kMaxInvalidRecipients = 1000;
/// A gpg that hung is left alone for so long: those who wait for it meanwhile, one behind the other, are
/// answered at once.
constexpr std::chrono::seconds kTryAgainAfter{5};

using Key = GpgmeLoop::Key;

bool isWholeMessage(std::string_view message) {
  while (!message.empty() && message.back() == '\n') message.remove_suffix(1);
  return message.starts_with("-----BEGIN PGP MESSAGE-----") && message.ends_with("-----END PGP MESSAGE-----");
}

/// Why gpg left recipients out, or nothing where it took all.
std::string refusedRecipients(gpgme_ctx_t context) {
  const gpgme_encrypt_result_t result = gpgme_op_encrypt_result(context);
  std::string names;
  gpgme_invalid_key_t invalid = result == nullptr ? nullptr : result->invalid_recipients;
  for (int i = 0; invalid != nullptr && i < kMaxInvalidRecipients; ++i, invalid = invalid->next) {
    names += std::string(names.empty() ? "" : ", ") + (invalid->fpr == nullptr ? "a key" : invalid->fpr) +
             " (" + wordsOf(invalid->reason) + ")";
  }
  return names;
}

/// Takes the message out of `data`, or says why it is none.
tl::expected<std::string, std::string> takeMessage(GpgmeData data) {
  std::size_t size = 0;
  char* bytes = gpgme_data_release_and_get_mem(data.release(), &size);
  std::string message(bytes == nullptr ? "" : bytes, bytes == nullptr ? 0 : std::min(size, kMaxMessageBytes));
  gpgme_free(bytes);
  if (size > kMaxMessageBytes || !isWholeMessage(message)) {
    return tl::make_unexpected("encryption failed: gpg gave no whole message");
  }
  return message;
}

}  // namespace

struct Pgp::Impl {
  std::unique_ptr<GpgEngine> engine;
  std::vector<Recipient> recipients;
  std::vector<Key> keys;                                      // one for each recipient, in the same order
  std::optional<std::chrono::steady_clock::time_point> hung;  // when gpg was given up last

  [[nodiscard]] bool rests() const {
    return hung && std::chrono::steady_clock::now() - *hung < kTryAgainAfter;
  }

  /// The fingerprint of the one key in `bytes`.
  tl::expected<std::string, std::string> import(std::string_view bytes) {
    const GpgmeData data = readFrom(bytes);
    const auto error = engine->finish(gpgme_op_import_start(engine->context(), data.get()));
    const gpgme_import_result_t result = gpgme_op_import_result(engine->context());
    if (gpgme_err_code(error) == GPG_ERR_TIMEOUT || result == nullptr)
      return failed("the key cannot be read", error);
    return checkImport(*result, engine->version());
  }

  /// A key that is known already takes the place of its older self: it may have come with a later end.
  void keep(const Recipient& recipient, Key key) {
    for (std::size_t i = 0; i < recipients.size(); ++i) {
      if (recipients[i].fingerprint != recipient.fingerprint) continue;
      recipients[i] = recipient;
      keys[i] = std::move(key);
      return;
    }
    recipients.push_back(recipient);
    keys.push_back(std::move(key));
  }
};

Pgp::Pgp(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Pgp::~Pgp() {
  const std::lock_guard lock(gpgmeMutex());
  impl_.reset();
}

tl::expected<std::unique_ptr<Pgp>, std::string> Pgp::start(const PgpOptions& options) {
  const std::lock_guard lock(gpgmeMutex());
  auto engine = GpgEngine::start(options, {});  // public keys need no agent
  if (!engine) return tl::make_unexpected(std::move(engine.error()));
  auto impl = std::make_unique<Impl>();
  impl->engine = std::move(*engine);
  return std::unique_ptr<Pgp>(new Pgp(std::move(impl)));
}

tl::expected<Recipient, std::string> Pgp::addRecipient(std::string_view key) {
  const auto refused = [](const std::string& why) {
    return tl::make_unexpected("PGP recipient refused: " + why);
  };
  if (auto lawful = checkKeyBytes(key); !lawful) return refused(lawful.error());
  const std::lock_guard lock(gpgmeMutex());
  const auto fingerprint = impl_->import(key);
  if (!fingerprint) return refused(fingerprint.error());
  auto found = impl_->engine->find(*fingerprint);
  if (!found) return refused(found.error());
  auto recipient = checkRecipient(**found);
  if (!recipient) return refused(recipient.error());
  impl_->keep(*recipient, std::move(*found));
  return recipient;
}

tl::expected<std::string, std::string> Pgp::encrypt(const Secret& plaintext) {
  const std::lock_guard lock(gpgmeMutex());
  if (impl_->keys.empty()) return tl::make_unexpected("there is no PGP recipient to encrypt to");
  if (plaintext.empty()) return tl::make_unexpected("there is nothing to encrypt");
  if (const std::string ended = endedKeys(impl_->recipients, std::chrono::system_clock::now());
      !ended.empty())
    return tl::make_unexpected(ended);
  if (impl_->rests()) return failed("encryption failed", gpgme_error(GPG_ERR_TIMEOUT));
  const GpgmeData input = readFrom(plaintext.reveal(Purpose::kEncryption));
  gpgme_data_t raw = nullptr;
  if (gpgme_data_new(&raw) != GPG_ERR_NO_ERROR) throw std::bad_alloc();
  GpgmeData output(raw);
  // GPGME's own buffers of it are wiped with the object (a newer GPGME's flag; an older one refuses it).
  static_cast<void>(gpgme_data_set_flag(input.get(), "sensitive", "1"));

  std::vector<gpgme_key_t> keys;
  for (const Key& key : impl_->keys) keys.push_back(key.get());
  keys.push_back(nullptr);
  constexpr auto kFlags = static_cast<gpgme_encrypt_flags_t>(
      GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO | GPGME_ENCRYPT_NO_COMPRESS);
  const auto error = impl_->engine->finish(
      gpgme_op_encrypt_start(impl_->engine->context(), keys.data(), kFlags, input.get(), output.get()));
  if (gpgme_err_code(error) == GPG_ERR_TIMEOUT) impl_->hung = std::chrono::steady_clock::now();
  const std::string left = refusedRecipients(impl_->engine->context());
  if (!left.empty())
    return tl::make_unexpected("gpg cannot encrypt to " + left + "; has the key expired since?");
  if (error) return failed("encryption failed", error);
  return takeMessage(std::move(output));
}

const std::vector<Recipient>& Pgp::recipients() const { return impl_->recipients; }

const std::string& Pgp::home() const { return impl_->engine->home(); }

}  // namespace hydra_clients::secrets

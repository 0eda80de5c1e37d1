#include "secrets/private_key.h"

#include <cerrno>
#include <mutex>
#include <new>
#include <utility>

#include <gpgme.h>

#include "secrets/gpg_engine.h"
#include "secrets/sealed_payload.h"

namespace hydra_clients::secrets {
namespace {

constexpr std::string_view kArmorHead = "-----BEGIN PGP MESSAGE-----";
constexpr int kMostNamed = 5;  ///< recipients of a message, in words

/// What each keeps away: passphrases that outlive the file that they came from, questions, smart cards; and a
/// tenth of a second of hashing for each message, which protects nothing here: key and passphrase lie side by
/// side in this process's hands. In GnuPG's terms, 65536 is the least that s2k-count takes.
constexpr const char* kAgentConf =
    "allow-loopback-pinentry\n"
    "no-allow-external-cache\n"
    "disable-scdaemon\n"
    "default-cache-ttl 0\n"
    "max-cache-ttl 0\n"
    "pinentry-program /bin/false\n"
    "s2k-count 65536\n";

/// A message may be a bomb. gpg stops there; it calls what it wrote so far decrypted all the same, so this is
/// more than Plaintext takes, which then knows.
constexpr std::size_t kMaxOutput = 8 * kMaxPayloadBytes;

GpgHomeFiles homeFiles() { return {"max-output " + std::to_string(kMaxOutput) + "\n", kAgentConf}; }

tl::unexpected<OpeningFault> because(std::string words) {
  return tl::make_unexpected(OpeningFault{std::move(words), false});
}
tl::unexpected<OpeningFault> forNow(std::string words) {
  return tl::make_unexpected(OpeningFault{std::move(words), true});
}

/// Takes what gpg writes, in one buffer that is wiped, and no more than fits into it.
class Plaintext {
 public:
  Plaintext() {
    bytes_.reserve(kMaxPayloadBytes);
    gpgme_data_t raw = nullptr;
    if (gpgme_data_new_from_cbs(&raw, &callbacks_, this) != GPG_ERR_NO_ERROR) throw std::bad_alloc();
    data_.reset(raw);
  }
  Plaintext(const Plaintext&) = delete;
  Plaintext& operator=(const Plaintext&) = delete;
  ~Plaintext() { wipe(bytes_); }

  [[nodiscard]] gpgme_data_t data() const { return data_.get(); }
  [[nodiscard]] bool overflowed() const { return overflowed_; }
  [[nodiscard]] Secret take() { return Secret(std::move(bytes_)); }

 private:
  static ssize_t write(void* self, const void* bytes, std::size_t size) {
    auto* plaintext = static_cast<Plaintext*>(self);
    if (size > kMaxPayloadBytes - plaintext->bytes_.size()) {
      plaintext->overflowed_ = true;
      gpgme_err_set_errno(EFBIG);
      return -1;
    }
    plaintext->bytes_.append(static_cast<const char*>(bytes), size);
    return static_cast<ssize_t>(size);
  }

  std::string bytes_;
  bool overflowed_ = false;
  gpgme_data_cbs callbacks_{nullptr, &Plaintext::write, nullptr, nullptr};
  GpgmeData data_;
};

/// The IDs of the keys that the message is for, as gpg names them.
std::string recipientsOf(gpgme_decrypt_result_t result) {
  std::string names;
  gpgme_recipient_t recipient = result == nullptr ? nullptr : result->recipients;
  for (int i = 0; recipient != nullptr && i < kMostNamed; ++i, recipient = recipient->next) {
    names += (names.empty() ? "" : ", ") + std::string(recipient->keyid == nullptr ? "?" : recipient->keyid);
  }
  return names;
}

}  // namespace

struct PrivateKey::Impl {
  Secret passphrase;
  std::unique_ptr<GpgEngine> engine;
  bool asked = false;       ///< for a passphrase, in the operation under way
  bool askedAgain = false;  ///< since the first one was wrong

  /// GPGME's callback: hands the passphrase over, once.
  static gpgme_error_t give(void* hook, const char*, const char*, int wasBad, int file) {
    auto* impl = static_cast<Impl*>(hook);
    impl->askedAgain = impl->askedAgain || wasBad != 0 || impl->asked;
    impl->asked = true;
    const std::string_view words = impl->passphrase.reveal(Purpose::kUnsealing);
    if (words.empty() || impl->askedAgain) return gpgme_error(GPG_ERR_CANCELED);
    if (gpgme_io_writen(file, words.data(), words.size()) != 0 || gpgme_io_writen(file, "\n", 1) != 0)
      return gpgme_error_from_syserror();
    return GPG_ERR_NO_ERROR;
  }

  tl::expected<void, OpeningFault> import(const Secret& key) {
    const GpgmeData data = readFrom(key.reveal(Purpose::kUnsealing));
    const auto error = engine->finish(gpgme_op_import_start(engine->context(), data.get()));
    const gpgme_import_result_t result = gpgme_op_import_result(engine->context());
    if (gpgme_err_code(error) == GPG_ERR_TIMEOUT || result == nullptr)
      return forNow(failed("cannot be read", error).value());
    if (result->secret_imported + result->secret_unchanged > 0) return {};
    if (result->secret_read > 0) {
      return because("holds a private key that GnuPG " + engine->version() + " does not take (" +
                     wordsOf(error ? error : gpgme_error(GPG_ERR_BAD_SECKEY)) +
                     "); is gpg-agent there (package `gpg-agent`)?");
    }
    return because(
        result->considered > 0
            ? "holds a public key only; export the private one: gpg --armor --export-secret-keys KEY"
            : "holds no private PGP key; export it: gpg --armor --export-secret-keys KEY");
  }

  /// Why gpg did not open a message.
  [[nodiscard]] OpeningFault explain(gpgme_error_t error, bool tooLarge) const;
};

OpeningFault PrivateKey::Impl::explain(gpgme_error_t error, bool tooLarge) const {
  if (tooLarge)
    return {"holds more than the " + std::to_string(kMaxPayloadBytes) + " bytes that it may", false};
  const std::string recipients = recipientsOf(gpgme_op_decrypt_result(engine->context()));
  if (asked && passphrase.empty()) {
    return {
        "cannot be opened: the private key is protected by a passphrase; name its file with "
        "--pgp-passphrase-file",
        false};
  }
  if (askedAgain || gpgme_err_code(error) == GPG_ERR_BAD_PASSPHRASE) {
    return {"cannot be opened: the passphrase in --pgp-passphrase-file is not that of the private key",
            false};
  }
  switch (gpgme_err_code(error)) {
    case GPG_ERR_TIMEOUT:
      return {failed("cannot be opened", error).value(), true};
    case GPG_ERR_NO_SECKEY:
      return {"is not encrypted to the private key of --pgp-private-key-file, but to " +
                  (recipients.empty() ? "others" : recipients),
              false};
    case GPG_ERR_NO_DATA:
      return {recipients.empty() ? "is not encrypted: it is damaged, or signed only"
                                 : "is damaged: a part of it is missing or was changed",
              false};
    case GPG_ERR_NO_AGENT:
      return {"cannot be opened: gpg-agent does not start; install the package `gpg-agent`", true};
    default:
      return {"cannot be opened: a part of it is missing, or it was changed (" + wordsOf(error) + ")", false};
  }
}

PrivateKey::PrivateKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PrivateKey::~PrivateKey() {
  const std::lock_guard lock(gpgmeMutex());
  impl_->engine.reset();
}

tl::expected<std::unique_ptr<PrivateKey>, OpeningFault> PrivateKey::load(const Secret& key, Secret passphrase,
                                                                         const PgpOptions& options) {
  const std::lock_guard lock(gpgmeMutex());
  auto engine = GpgEngine::start(options, homeFiles());
  if (!engine) return forNow("cannot be used: " + engine.error());
  auto impl = std::make_unique<Impl>();
  impl->passphrase = std::move(passphrase);
  impl->engine = std::move(*engine);
  if (const auto error = gpgme_set_pinentry_mode(impl->engine->context(), GPGME_PINENTRY_MODE_LOOPBACK))
    return forNow(failed("cannot be used", error).value());
  gpgme_set_passphrase_cb(impl->engine->context(), &Impl::give, impl.get());
  if (auto imported = impl->import(key); !imported) return tl::make_unexpected(imported.error());
  return std::unique_ptr<PrivateKey>(new PrivateKey(std::move(impl)));
}

tl::expected<Secret, OpeningFault> PrivateKey::decrypt(std::string_view message) {
  if (message.find(kArmorHead) == std::string_view::npos)
    return because("is no PGP message: it has no line " + std::string(kArmorHead));
  const std::lock_guard lock(gpgmeMutex());
  const GpgmeData input = readFrom(message);
  Plaintext plaintext;
  impl_->asked = impl_->askedAgain = false;
  gpgme_ctx_t context = impl_->engine->context();
  const auto error = impl_->engine->finish(gpgme_op_decrypt_start(context, input.get(), plaintext.data()));
  wipeStack();
  if (error) return tl::make_unexpected(impl_->explain(error, plaintext.overflowed()));
  return plaintext.take();
}

}  // namespace hydra_clients::secrets

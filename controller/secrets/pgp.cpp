#include "secrets/pgp.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <mutex>
#include <utility>

#include <gpgme.h>
#include <sys/wait.h>
#include <unistd.h>

#include "secrets/gpgme_loop.h"
#include "secrets/private_home.h"
#include "secrets/recipient_check.h"

namespace hydra_clients::secrets {
namespace {

constexpr std::pair<int, int> kOldestGpg{2, 2};
/// A secret of 16 KiB for a handful of recipients takes 30 KiB.
constexpr std::size_t kMaxMessageBytes = 1 << 20;
constexpr int kMaxInvalidRecipients = 1000;
constexpr int kMaxReaped = 1000;

/// Options of the private home. What each keeps away: agents (public keys need none), the network, questions,
/// files that nobody needs, and waiting for locks in a folder that only this process uses.
constexpr std::string_view kGpgConf =
    "no-autostart\n"
    "no-auto-key-locate\n"
    "no-auto-key-retrieve\n"
    "disable-dirmngr\n"
    "batch\n"
    "no-tty\n"
    "no-greeting\n"
    "lock-never\n"
    "no-random-seed-file\n"
    "no-auto-check-trustdb\n"
    "trust-model always\n"
    "no-emit-version\n"
    "no-comments\n";

/// Guards GPGME's global state (engine list, its event loop) and every gpgme_ctx_t and gpgme_data_t of the
/// process.
std::mutex& gpgmeMutex() {
  static std::mutex mutex;
  return mutex;
}

struct FreeContext {
  void operator()(gpgme_ctx_t context) const { gpgme_release(context); }
};
struct FreeData {
  void operator()(gpgme_data_t data) const { gpgme_data_release(data); }
};
using Context = std::unique_ptr<gpgme_context, FreeContext>;
using Data = std::unique_ptr<gpgme_data, FreeData>;
using Key = GpgmeLoop::Key;

std::string words(gpgme_error_t error) {
  char text[256];
  gpgme_strerror_r(error, text, sizeof text);
  return text;
}

/// Reads `bytes` without copying them; they must outlive it.
Data readFrom(std::string_view bytes) {
  gpgme_data_t data = nullptr;
  if (gpgme_data_new_from_mem(&data, bytes.data(), bytes.size(), 0) != GPG_ERR_NO_ERROR) return nullptr;
  return Data(data);
}

/// GPGME starts gpg by a double fork, so each gpg becomes a child of process 1; in a container that is often
/// this program, which then has to reap them.
void reapAsInit() {
  if (getpid() != 1) return;
  for (int i = 0; i < kMaxReaped && waitpid(-1, nullptr, WNOHANG) > 0; ++i) {
  }
}

tl::unexpected<std::string> failed(const std::string& what, gpgme_error_t error) {
  if (gpgme_err_code(error) == GPG_ERR_TIMEOUT) {
    return tl::make_unexpected(what + ": gpg did not finish in time and was given up");
  }
  return tl::make_unexpected(what + ": " + words(error));
}

tl::unexpected<std::string> engineMissing(const PgpOptions& options) {
  return tl::make_unexpected("GnuPG's gpg" + (options.gpg.empty() ? "" : " (" + options.gpg + ")") +
                             " is missing, does not start or is older than 2.2" +
                             ": PGP encryption needs it; install the package `gnupg`");
}

/// A context that speaks OpenPGP, armored, in `home`. Call with the mutex held.
tl::expected<Context, std::string> makeContext(const PgpOptions& options, const std::string& home) {
  gpgme_ctx_t raw = nullptr;
  if (const auto error = gpgme_new(&raw)) return failed("GPGME does not start", error);
  Context context(raw);
  if (const auto error = gpgme_set_protocol(raw, GPGME_PROTOCOL_OpenPGP)) {
    if (gpgme_err_code(error) == GPG_ERR_INV_ENGINE) return engineMissing(options);
    return failed("GPGME does not start", error);
  }
  const char* gpg = options.gpg.empty() ? nullptr : options.gpg.c_str();
  if (gpgme_ctx_set_engine_info(raw, GPGME_PROTOCOL_OpenPGP, gpg, home.c_str()) != GPG_ERR_NO_ERROR) {
    return engineMissing(options);
  }
  gpgme_set_armor(raw, 1);
  gpgme_set_offline(raw, 1);
  return context;
}

/// Whether "2.2.40" is at least `kOldestGpg`.
bool isRecent(std::string_view version) {
  int major = 0;
  const auto [dot, error] = std::from_chars(version.data(), version.data() + version.size(), major);
  version.remove_prefix(static_cast<std::size_t>(dot - version.data()));
  int minor = 0;
  if (error != std::errc() || !version.starts_with('.')) return false;
  std::from_chars(version.data() + 1, version.data() + version.size(), minor);
  return std::pair(major, minor) >= kOldestGpg;
}

tl::expected<std::string, std::string> engineVersion(gpgme_ctx_t context, const PgpOptions& options) {
  for (gpgme_engine_info_t info = gpgme_ctx_get_engine_info(context); info != nullptr; info = info->next) {
    if (info->protocol != GPGME_PROTOCOL_OpenPGP || info->version == nullptr) continue;
    if (isRecent(info->version)) return std::string(info->version);
  }
  return engineMissing(options);
}

tl::expected<void, std::string> writeGpgConf(const std::string& home) {
  std::ofstream file(home + "/gpg.conf", std::ios::binary);
  file << kGpgConf;
  file.close();
  if (!file) return tl::make_unexpected("cannot write to " + home + ": is the disk full?");
  return {};
}

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
             " (" + words(invalid->reason) + ")";
  }
  return names;
}

/// Takes the message out of `data`, or says why it is none.
tl::expected<std::string, std::string> takeMessage(Data data) {
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
  PgpOptions options;
  std::unique_ptr<PrivateHome> home;
  Context context;
  std::unique_ptr<GpgmeLoop> loop;  // of `context`
  std::string version;
  std::vector<Recipient> recipients;
  std::vector<Key> keys;  // one for each recipient, in the same order

  /// Waits for what was started with `started`, and reaps where that is ours to do.
  gpgme_error_t finish(gpgme_error_t started) {
    const gpgme_error_t result = started ? started : loop->finish(options.timeout);
    reapAsInit();
    return result;
  }

  /// The fingerprint of the one key in `bytes`.
  tl::expected<std::string, std::string> import(std::string_view bytes) {
    const Data data = readFrom(bytes);
    if (data == nullptr) return tl::make_unexpected("out of memory");
    const auto error = finish(gpgme_op_import_start(context.get(), data.get()));
    const gpgme_import_result_t result = gpgme_op_import_result(context.get());
    if (gpgme_err_code(error) == GPG_ERR_TIMEOUT || result == nullptr)
      return failed("the key cannot be read", error);
    return checkImport(*result, version);
  }

  tl::expected<Key, std::string> find(const std::string& fingerprint) {
    const auto error = finish(gpgme_op_keylist_start(context.get(), fingerprint.c_str(), /*secret_only=*/0));
    std::vector<Key> found = loop->takeKeys();
    if (error || found.size() != 1) {
      return failed("the key " + fingerprint + " was imported but cannot be found again",
                    error ? error : gpgme_error(GPG_ERR_NO_PUBKEY));
    }
    return std::move(found.front());
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
  reapAsInit();
}

tl::expected<std::unique_ptr<Pgp>, std::string> Pgp::start(const PgpOptions& options) {
  const std::lock_guard lock(gpgmeMutex());
  // Also initialises GPGME, and ignores SIGPIPE for the process.
  if (gpgme_check_version("1.14.0") == nullptr) return tl::make_unexpected("GPGME 1.14 or newer is needed");
  auto home =
      PrivateHome::create(options.homeBases.empty() ? PrivateHome::defaultBases() : options.homeBases);
  if (!home) return tl::make_unexpected(home.error());
  if (auto written = writeGpgConf((*home)->path()); !written) return tl::make_unexpected(written.error());
  auto context = makeContext(options, (*home)->path());
  if (!context) return tl::make_unexpected(context.error());
  auto version = engineVersion(context->get(), options);
  if (!version) return tl::make_unexpected(version.error());
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->home = std::move(*home);
  impl->context = std::move(*context);
  impl->loop = std::make_unique<GpgmeLoop>(impl->context.get());
  impl->version = std::move(*version);
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
  auto found = impl_->find(*fingerprint);
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
  const Data input = readFrom(plaintext.reveal(Purpose::kEncryption));
  gpgme_data_t raw = nullptr;
  if (input == nullptr || gpgme_data_new(&raw) != GPG_ERR_NO_ERROR)
    return tl::make_unexpected("out of memory");
  Data output(raw);
  // GPGME's own buffers of it are wiped with the object (a newer GPGME's flag; an older one refuses it).
  static_cast<void>(gpgme_data_set_flag(input.get(), "sensitive", "1"));

  std::vector<gpgme_key_t> keys;
  for (const Key& key : impl_->keys) keys.push_back(key.get());
  keys.push_back(nullptr);
  constexpr auto kFlags = static_cast<gpgme_encrypt_flags_t>(
      GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO | GPGME_ENCRYPT_NO_COMPRESS);
  const auto error = impl_->finish(
      gpgme_op_encrypt_start(impl_->context.get(), keys.data(), kFlags, input.get(), output.get()));
  const std::string left = refusedRecipients(impl_->context.get());
  if (!left.empty())
    return tl::make_unexpected("gpg cannot encrypt to " + left + "; has the key expired since?");
  if (error) return failed("encryption failed", error);
  return takeMessage(std::move(output));
}

const std::vector<Recipient>& Pgp::recipients() const { return impl_->recipients; }

const std::string& Pgp::home() const { return impl_->home->path(); }

}  // namespace hydra_clients::secrets

#include "secrets/gpg_engine.h"

#include <charconv>
#include <fstream>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace hydra_clients::secrets {
namespace {

constexpr std::pair<int, int> kOldestGpg{2, 2};
constexpr int kMaxReaped = 1000;

/// Options of every private home. What each keeps away: the network, questions, files that nobody needs, and
/// waiting for locks in a folder that only this process uses.
constexpr std::string_view kGpgConf =
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
constexpr std::string_view kWithoutAgent = "no-autostart\n";

/// GPGME starts gpg by a double fork, so each gpg becomes a child of process 1; in a container that is often
/// this program, which then has to reap them.
void reapAsInit() {
  if (getpid() != 1) return;
  for (int i = 0; i < kMaxReaped && waitpid(-1, nullptr, WNOHANG) > 0; ++i) {
  }
}

tl::unexpected<std::string> engineMissing(const PgpOptions& options) {
  return tl::make_unexpected("GnuPG's gpg" + (options.gpg.empty() ? "" : " (" + options.gpg + ")") +
                             " is missing, does not start or is older than 2.2" +
                             ": PGP needs it; install the package `gnupg`");
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

bool writeFile(const std::string& path, std::string_view begin, std::string_view rest) {
  std::ofstream file(path, std::ios::binary);
  file << begin << rest;
  file.close();
  return static_cast<bool>(file);
}

tl::expected<void, std::string> writeConfiguration(const std::string& home, const GpgHomeFiles& files) {
  const bool written = files.agentConf.empty() ? writeFile(home + "/gpg.conf", kGpgConf,
                                                           std::string(kWithoutAgent) + files.gpgConf)
                                               : writeFile(home + "/gpg.conf", kGpgConf, files.gpgConf) &&
                                                     writeFile(home + "/gpg-agent.conf", files.agentConf, "");
  if (!written) return tl::make_unexpected("cannot write to " + home + ": is the disk full?");
  return {};
}

}  // namespace

std::mutex& gpgmeMutex() {
  static std::mutex mutex;
  return mutex;
}

std::string wordsOf(gpgme_error_t error) {
  char text[256];
  gpgme_strerror_r(error, text, sizeof text);
  return text;
}

GpgmeData readFrom(std::string_view bytes) {
  gpgme_data_t data = nullptr;
  if (gpgme_data_new_from_mem(&data, bytes.data(), bytes.size(), 0) != GPG_ERR_NO_ERROR)
    throw std::bad_alloc();
  return GpgmeData(data);
}

tl::unexpected<std::string> failed(const std::string& what, gpgme_error_t error) {
  if (gpgme_err_code(error) == GPG_ERR_TIMEOUT) {
    return tl::make_unexpected(what + ": gpg did not finish in time and was given up");
  }
  return tl::make_unexpected(what + ": " + wordsOf(error));
}

/// A context that speaks OpenPGP, armored, in `home`.
tl::expected<GpgEngine::Context, std::string> GpgEngine::makeContext(const PgpOptions& options,
                                                                     const std::string& home) {
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

tl::expected<std::unique_ptr<GpgEngine>, std::string> GpgEngine::start(const PgpOptions& options,
                                                                       const GpgHomeFiles& files) {
  // Also initialises GPGME, and ignores SIGPIPE for the process.
  if (gpgme_check_version("1.14.0") == nullptr) return tl::make_unexpected("GPGME 1.14 or newer is needed");
  auto home =
      PrivateHome::create(options.homeBases.empty() ? PrivateHome::defaultBases() : options.homeBases);
  if (!home) return tl::make_unexpected(home.error());
  if (auto written = writeConfiguration((*home)->path(), files); !written)
    return tl::make_unexpected(written.error());
  auto context = makeContext(options, (*home)->path());
  if (!context) return tl::make_unexpected(context.error());
  auto version = engineVersion(context->get(), options);
  if (!version) return tl::make_unexpected(version.error());
  std::unique_ptr<GpgEngine> engine(new GpgEngine);
  engine->options_ = options;
  engine->home_ = std::move(*home);
  engine->context_ = std::move(*context);
  engine->loop_ = std::make_unique<GpgmeLoop>(engine->context_.get());
  engine->version_ = std::move(*version);
  return engine;
}

GpgEngine::~GpgEngine() {
  loop_.reset();
  context_.reset();
  home_.reset();  // ends the agent too
  reapAsInit();
}

gpgme_error_t GpgEngine::finish(gpgme_error_t started) {
  const gpgme_error_t result = started ? started : loop_->finish(options_.timeout);
  reapAsInit();
  return result;
}

tl::expected<GpgmeLoop::Key, std::string> GpgEngine::find(const std::string& fingerprint) {
  const auto error = finish(gpgme_op_keylist_start(context(), fingerprint.c_str(), /*secret_only=*/0));
  std::vector<GpgmeLoop::Key> found = loop_->takeKeys();
  if (error || found.size() != 1) {
    return failed("the key " + fingerprint + " cannot be found among those that were imported",
                  error ? error : gpgme_error(GPG_ERR_NO_PUBKEY));
  }
  return std::move(found.front());
}

}  // namespace hydra_clients::secrets

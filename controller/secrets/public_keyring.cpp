#include "secrets/public_keyring.h"

#include <mutex>
#include <utility>

#include <gpgme.h>

#include "secrets/recipient_check.h"

namespace hydra_clients::secrets {
namespace {

/// How GnuPG's own keyring begins behind its length, type and version (its kbx/keybox-blob.c).
constexpr std::size_t kKeyboxMagicAt = 8;
constexpr std::string_view kKeyboxMagic = "KBXf";

tl::unexpected<std::string> because(std::string why) { return tl::make_unexpected(std::move(why)); }

bool isKeybox(std::string_view bytes) {
  return bytes.size() > kKeyboxMagicAt && bytes.substr(kKeyboxMagicAt).starts_with(kKeyboxMagic);
}

constexpr std::string_view kBlockBegins = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view kBlockEnds = "-----END PGP PUBLIC KEY BLOCK-----";

int countOf(std::string_view line, std::string_view text) {
  int count = 0;
  for (auto at = text.find(line); at != std::string_view::npos; at = text.find(line, at + line.size()))
    ++count;
  return count;
}

/// gpg passes over a block that is damaged, and then over all that follow it, without a word to its caller.
/// They are told by their number; binary keys are not in blocks, and are taken as far as gpg reads them.
tl::expected<void, std::string> checkBlocks(std::string_view keys, int considered) {
  const int begun = countOf(kBlockBegins, keys);
  if (begun == countOf(kBlockEnds, keys) && considered >= begun) return {};
  return because("it is cut off, or a key in it is damaged: GnuPG reads " + std::to_string(considered) +
                 " keys of " + std::to_string(begun) + " blocks; export the keys again");
}

tl::expected<void, std::string> checkImported(const _gpgme_op_import_result& result,
                                              const GpgEngine& engine) {
  if (result.secret_read > 0) return because(kHoldsPrivateKey);
  if (result.imported + result.unchanged > 0) return {};
  return because(result.considered > 0
                     ? "its keys are damaged, or were exported without a user ID, which GnuPG needs"
                     : "it holds no PGP key that GnuPG " + engine.version() + " can read");
}

SignatureFault undecided(std::string words) { return {std::move(words), /*undecided=*/true}; }

}  // namespace

PublicKeyring::~PublicKeyring() {
  const std::lock_guard lock(gpgmeMutex());
  engine_.reset();
}

tl::expected<std::unique_ptr<PublicKeyring>, std::string> PublicKeyring::load(std::string_view keys,
                                                                              std::string name,
                                                                              const PgpOptions& options) {
  if (auto lawful = checkPublic(keys); !lawful) return tl::make_unexpected(std::move(lawful.error()));
  if (isKeybox(keys))
    return because("it is GnuPG's own keyring file; export the keys from it: gpg --armor --export KEY…");
  std::unique_ptr<PublicKeyring> keyring;  // goes after the lock, which its end takes
  const std::lock_guard lock(gpgmeMutex());
  auto engine = GpgEngine::start(options, {});  // public keys need no agent
  if (!engine) return tl::make_unexpected(std::move(engine.error()));
  keyring.reset(new PublicKeyring(std::move(*engine), std::move(name)));
  if (auto imported = keyring->import(keys); !imported) return tl::make_unexpected(imported.error());
  return keyring;
}

tl::expected<void, std::string> PublicKeyring::import(std::string_view keys) {
  const GpgmeData data = readFrom(keys);
  const auto error = engine_->finish(gpgme_op_import_start(engine_->context(), data.get()));
  const gpgme_import_result_t result = gpgme_op_import_result(engine_->context());
  if (gpgme_err_code(error) == GPG_ERR_TIMEOUT || result == nullptr)
    return failed("it cannot be read", error);
  if (auto imported = checkImported(*result, *engine_); !imported) return imported;
  return checkBlocks(keys, result->considered);
}

tl::expected<GoodSignature, SignatureFault> PublicKeyring::verify(std::string_view content,
                                                                  std::string_view signature) {
  const std::lock_guard lock(gpgmeMutex());
  const GpgmeData text = readFrom(content);
  const GpgmeData block = readFrom(signature);
  gpgme_ctx_t context = engine_->context();
  const auto error =
      engine_->finish(gpgme_op_verify_start(context, block.get(), text.get(), /*plaintext=*/nullptr));
  hung_ = gpgme_err_code(error) == GPG_ERR_TIMEOUT;
  const gpgme_verify_result_t result = gpgme_op_verify_result(context);
  if (hung_ || result == nullptr)
    return tl::make_unexpected(undecided(failed("its signature cannot be checked", error).value()));
  const auto status = onlySignature(*result);
  if (!status) return tl::make_unexpected(status.error());
  if (gpgme_err_code(status->status) == GPG_ERR_NO_PUBKEY) return judge(*status, nullptr, name_);
  const auto owner = engine_->find(status->key);
  return judge(*status, owner ? owner->get() : nullptr, name_);
}

}  // namespace hydra_clients::secrets

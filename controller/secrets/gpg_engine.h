#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <gpgme.h>
#include <tl/expected.hpp>

#include "secrets/gpgme_loop.h"
#include "secrets/pgp_options.h"
#include "secrets/private_home.h"

namespace hydra_clients::secrets {

/// Guards GPGME's global state (engine list, its event loop) and every gpgme_ctx_t and gpgme_data_t of the
/// process.
[[nodiscard]] std::mutex& gpgmeMutex();

struct FreeGpgmeData {
  void operator()(gpgme_data_t data) const { gpgme_data_release(data); }
};
using GpgmeData = std::unique_ptr<gpgme_data, FreeGpgmeData>;

/// Reads `bytes` without copying them; they must outlive it. Throws std::bad_alloc.
[[nodiscard]] GpgmeData readFrom(std::string_view bytes);

/// GPGME's own words.
[[nodiscard]] std::string wordsOf(gpgme_error_t error);
/// "WHAT: why", for people.
[[nodiscard]] tl::unexpected<std::string> failed(const std::string& what, gpgme_error_t error);

/// What stands in a home's files beside what every home needs.
struct GpgHomeFiles {
  std::string gpgConf;    ///< lines for gpg.conf
  std::string agentConf;  ///< gpg-agent.conf; empty: no agent is ever started
};

/// One private GNUPGHOME, and the GPGME context that works in it. With it go the folder and its agent.
///
///     const std::lock_guard lock(gpgmeMutex());
///     auto engine = GpgEngine::start({}, {});
///     const gpgme_error_t error = (*engine)->finish(gpgme_op_import_start((*engine)->context(), data));
///
/// Not thread-safe: every call, and its end, needs gpgmeMutex().
class GpgEngine {
 public:
  /// Checks the engine; the error names the missing binary and the package that has it.
  static tl::expected<std::unique_ptr<GpgEngine>, std::string> start(const PgpOptions& options,
                                                                     const GpgHomeFiles& files);
  ~GpgEngine();
  GpgEngine(const GpgEngine&) = delete;
  GpgEngine& operator=(const GpgEngine&) = delete;

  [[nodiscard]] gpgme_ctx_t context() const { return context_.get(); }
  [[nodiscard]] GpgmeLoop& loop() { return *loop_; }
  /// Waits for what was started with `started`, at most the options' timeout (GPG_ERR_TIMEOUT), and reaps
  /// where that is ours to do.
  [[nodiscard]] gpgme_error_t finish(gpgme_error_t started);
  /// The public key with this fingerprint (its own or a subkey's), or key ID, among those of the home.
  [[nodiscard]] tl::expected<GpgmeLoop::Key, std::string> find(const std::string& fingerprint);
  [[nodiscard]] const std::string& version() const { return version_; }  ///< GnuPG's
  [[nodiscard]] const std::string& home() const { return home_->path(); }

 private:
  struct FreeContext {
    void operator()(gpgme_ctx_t context) const { gpgme_release(context); }
  };
  using Context = std::unique_ptr<gpgme_context, FreeContext>;
  static tl::expected<Context, std::string> makeContext(const PgpOptions& options, const std::string& home);

  GpgEngine() = default;
  PgpOptions options_;
  std::unique_ptr<PrivateHome> home_;
  Context context_;
  std::unique_ptr<GpgmeLoop> loop_;  // of `context_`
  std::string version_;
};

}  // namespace hydra_clients::secrets
